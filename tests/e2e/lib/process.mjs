// Child processes that never outlive this one, with their output in a file.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { within } from './wait.mjs';

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

// The last resort: whatever ends this process ends them.
process.on('exit', () => {
	for (const child of running) child.kill('SIGKILL');
});
for (const [signal, code] of /** @type {const} */ ([['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]])) {
	process.on(signal, () => process.exit(code));
}

/** A program that was started. */
export class Program {
	/**
	 * @param {string} name
	 * @param {string} command
	 * @param {string[]} args
	 * @param {string} logFile takes its output
	 */
	constructor(name, command, args, logFile) {
		this.name = name;
		this.logFile = logFile;
		/** @type {string | undefined} why it ended, when it wasn't told to */
		this.failure = undefined;
		const log = createWriteStream(logFile, { flags: 'a' });
		this.child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
		this.child.stdout?.pipe(log, { end: false });
		this.child.stderr?.pipe(log, { end: false });
		running.add(this.child);
		this.child.once('error', (error) => {
			this.failure = `${name} could not be started: ${error.message}`;
			running.delete(this.child);
		});
		this.child.once('exit', (code, signal) => {
			running.delete(this.child);
			if (!this.stopping) this.failure ??= `${name} ended by itself (${signal ?? code})`;
		});
		this.stopping = false;
	}

	/** Throws where it has ended by itself. */
	check() {
		if (this.failure) throw new Error(this.failure);
	}

	/** Ends it, kindly at first. */
	async stop() {
		this.stopping = true;
		if (this.child.exitCode !== null || this.child.signalCode !== null || this.failure) return;
		const ended = once(this.child, 'exit');
		this.child.kill('SIGTERM');
		try {
			await within(ended, 10_000, `${this.name} to end`);
		} catch {
			this.child.kill('SIGKILL');
			await ended;
		}
	}

	/** The last lines of its output. */
	tail(lines = 40) {
		try {
			return readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
		} catch {
			return '';
		}
	}
}
