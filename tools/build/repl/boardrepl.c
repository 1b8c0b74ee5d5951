// Module boardrepl: what boards have beyond the unix port: a watchdog, and a REPL with raw mode. That is MicroPython's very
// code (shared/runtime/pyexec.c); only where it touches the terminal is done here.

#include <errno.h>
#include <signal.h>
#include <sys/time.h>
#include <termios.h>
#include <unistd.h>

#include "py/mphal.h"
#include "py/runtime.h"

// a board takes byte 3 for an interrupt while a program runs, and for a byte else
static void board_sigint(int signum) {
    (void)signum;
    mp_sched_keyboard_interrupt();
}

static void board_set_interrupt_char(int c) {
    struct sigaction action = { .sa_handler = board_sigint };
    sigaction(SIGINT, &action, NULL);
    struct termios termios;
    if (tcgetattr(STDIN_FILENO, &termios) == 0) {
        termios.c_lflag = c == 3 ? ISIG | NOFLSH : 0;
        tcsetattr(STDIN_FILENO, TCSANOW, &termios);
    }
}

// without turning line ends
static int board_stdin_rx_chr(void) {
    unsigned char c;
    ssize_t n;
    do {
        n = read(STDIN_FILENO, &c, 1);
    } while (n < 0 && errno == EINTR);
    if (n != 1) {
        _exit(0); // nobody is there any more
    }
    return c;
}

#define mp_hal_set_interrupt_char board_set_interrupt_char
#define mp_hal_stdin_rx_chr board_stdin_rx_chr
#include "extmod/modplatform.h"

// From MicroPython 1.27 on the unix port has that code in it as well, as no board has it: with exit codes, where the end of
// boot.py would be 0 as an exception is here, and with a terminal that changes its mode.
#undef MICROPY_PYEXEC_ENABLE_EXIT_CODE_HANDLING
#define MICROPY_PYEXEC_ENABLE_EXIT_CODE_HANDLING (0)
#undef MICROPY_PYEXEC_COMPILE_ONLY
#define MICROPY_PYEXEC_COMPILE_ONLY (0)
#undef MICROPY_HAL_HAS_STDIO_MODE_SWITCH
#define MICROPY_HAL_HAS_STDIO_MODE_SWITCH (0)
#define mp_hal_stdio_mode_raw board_stdio_mode_raw
#define mp_hal_stdio_mode_orig board_stdio_mode_orig
#define pyexec_mode_kind board_mode_kind
#define pyexec_repl_active board_repl_active
#define pyexec_event_repl_init board_event_repl_init
#define pyexec_event_repl_process_char board_event_repl_process_char
#define pyexec_raw_repl board_raw_repl
#define pyexec_friendly_repl board_friendly_repl
#define pyexec_file board_file
#define pyexec_file_if_exists board_file_if_exists
#define pyexec_frozen_module board_frozen_module
#define pyexec_vstr board_vstr
#define pyb_set_repl_info board_set_repl_info
#define pyb_set_repl_info_obj board_set_repl_info_obj
#include "shared/runtime/pyexec.c"

// start(raw): boot.py, main.py, then the REPL until a soft reset; gives whether that was in raw mode
static mp_obj_t boardrepl_start(mp_obj_t raw) {
    pyexec_mode_kind = mp_obj_is_true(raw) ? PYEXEC_MODE_RAW_REPL : PYEXEC_MODE_FRIENDLY_REPL;
    board_set_interrupt_char(-1);
    int ret = pyexec_file_if_exists("boot.py");
    if (!(ret & PYEXEC_FORCED_EXIT) && ret != 0 && pyexec_mode_kind == PYEXEC_MODE_FRIENDLY_REPL) {
        ret = pyexec_file_if_exists("main.py");
    }
    while (!(ret & PYEXEC_FORCED_EXIT)) {
        ret = pyexec_mode_kind == PYEXEC_MODE_RAW_REPL ? pyexec_raw_repl() : pyexec_friendly_repl();
    }
    mp_hal_stdout_tx_str("MPY: soft reboot\r\n");
    return mp_obj_new_bool(pyexec_mode_kind == PYEXEC_MODE_RAW_REPL);
}
static MP_DEFINE_CONST_FUN_OBJ_1(boardrepl_start_obj, boardrepl_start);

// watchdog(ms): ends the process by SIGALRM unless it is called again within that time, whatever goes on
static mp_obj_t boardrepl_watchdog(mp_obj_t ms) {
    int n = mp_obj_get_int(ms);
    struct itimerval timer = { .it_value = { n / 1000, n % 1000 * 1000 } };
    signal(SIGALRM, SIG_DFL);
    setitimer(ITIMER_REAL, &timer, NULL);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(boardrepl_watchdog_obj, boardrepl_watchdog);

static const mp_rom_map_elem_t boardrepl_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_boardrepl) },
    { MP_ROM_QSTR(MP_QSTR_start), MP_ROM_PTR(&boardrepl_start_obj) },
    { MP_ROM_QSTR(MP_QSTR_watchdog), MP_ROM_PTR(&boardrepl_watchdog_obj) },
};
static MP_DEFINE_CONST_DICT(boardrepl_globals, boardrepl_globals_table);

const mp_obj_module_t boardrepl_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&boardrepl_globals,
};
MP_REGISTER_MODULE(MP_QSTR_boardrepl, boardrepl_module);
