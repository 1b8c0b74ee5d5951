// The models of chips, in a process of their own (chips.py): asked over a pipe, and waited for, so that time stands still meanwhile.

import fs from 'node:fs';

export class Models {
  // `pipe`: file descriptors, to `write` questions to and to `read` answers from, a line of JSON each; `now`: what the models have to
  // know with each question
  constructor(pipe, now) {
    this.pipe = pipe;
    this.now = now;
    this.came = Buffer.alloc(0);
    this.events = []; // levels of chip selects since the last question
  }

  // what there is: see chips.py
  get wired() {
    return (this.known ??= this.ask('wired'));
  }

  ask(name, ...args) {
    fs.writeSync(this.pipe.write, JSON.stringify([this.now(), this.events, name, args]) + '\n');
    this.events = [];
    let end;
    while ((end = this.came.indexOf(10)) < 0) {
      const piece = Buffer.alloc(4096);
      const n = fs.readSync(this.pipe.read, piece);
      if (!n) {
        throw new Error('the models of the chips have ended; what they said stands above');
      }
      this.came = Buffer.concat([this.came, piece.subarray(0, n)]);
    }
    const answer = JSON.parse(this.came.subarray(0, end).toString());
    this.came = this.came.subarray(end + 1);
    if (answer.error) {
      throw new Error(answer.error);
    }
    return answer.result;
  }
}
