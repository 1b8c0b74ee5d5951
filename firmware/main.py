"""What a board runs after boot.py. It compiles this file itself at each start, so all that there is to run is elsewhere."""

from running import run

if __name__ == "__main__":
    run()
