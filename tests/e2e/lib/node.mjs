// The node under test: where its binary is, starting it, connecting to it.

import { ApiPromise, HttpProvider, Keyring, WsProvider } from '@polkadot/api';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Program } from './process.mjs';
import { until, within } from './wait.mjs';

/** Leaves out polkadot.js's warnings of transaction extensions that it doesn't know: they encode to nothing. */
const QUIET = { noInitWarn: true };

/** The node's binary: from the environment, else where the Makefile puts it. */
export function nodeBinary() {
	const target = process.env.CARGO_TARGET_DIR ?? join(homedir(), '.cache/plimsoll/target');
	const candidates = process.env.PLIMSOLL_NODE
		? [process.env.PLIMSOLL_NODE]
		: [join(target, 'debug/plimsoll'), join(target, 'release/plimsoll')];
	const found = candidates.find((candidate) => existsSync(candidate));
	if (!found) {
		throw new Error(`no node binary at ${candidates.join(' or ')}: build it, or name it by PLIMSOLL_NODE`);
	}
	return found;
}

/** @returns {Promise<number>} a port of 127.0.0.1 that nobody listens on */
export function freePort() {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const address = server.address();
			const port = typeof address === 'object' && address ? address.port : 0;
			server.close(() => resolve(port));
		});
	});
}

/**
 * A running development node.
 * @typedef {{ program: Program, api: ApiPromise, url: string, stop: () => Promise<void> }} RunningNode
 */

/**
 * Starts a development node on a fresh database and connects to it.
 * @param {{ blockTime?: number, folder: string, args?: string[], log?: (line: string) => void }} options
 *   `blockTime` in ms; `folder` takes the log
 * @returns {Promise<RunningNode>}
 */
export async function startNode({ blockTime = 1000, folder, args = [], log = () => {} }) {
	const rpcPort = await freePort();
	const p2pPort = await freePort();
	const program = new Program('the node', nodeBinary(), [
		'--dev',
		'--tmp',
		'--dev-block-time', String(blockTime),
		'--rpc-port', String(rpcPort),
		'--port', String(p2pPort),
		'--no-prometheus',
		'--no-telemetry',
		'--offchain-worker', 'always',
		...args,
	], join(folder, 'node.log'));
	const url = `ws://127.0.0.1:${rpcPort}`;
	try {
		await rpcAnswers(program, rpcPort, log);
		const api = await connect(url);
		const stop = async () => {
			await api.disconnect().catch(() => {});
			await program.stop();
		};
		return { program, api, url, stop };
	} catch (error) {
		await program.stop();
		// Nobody else has its log yet.
		throw new Error(`${/** @type {Error} */ (error).message}\n${program.tail()}`.trimEnd());
	}
}

/** @param {Program} program @param {number} port @param {(line: string) => void} log */
async function rpcAnswers(program, port, log) {
	const provider = new HttpProvider(`http://127.0.0.1:${port}`);
	await until(async () => {
		if (program.failure) return { failed: true };
		return provider.send('chain_getBlockHash', [0]);
	}, { what: 'the node to answer', ms: 180_000, log });
	program.check();
}

/** @param {string} url */
export async function connect(url) {
	const provider = new WsProvider(url, 1000, {}, 60_000);
	const api = new ApiPromise({ provider, ...QUIET });
	return within(api.isReadyOrError, 60_000, 'polkadot.js to read the metadata');
}

/**
 * Puts a feeder's key into the node's keystore, as an operator does.
 * @param {ApiPromise} api
 * @param {string} [uri]
 */
export async function insertFeederKey(api, uri = '//Feeder//1') {
	const pair = new Keyring({ type: 'sr25519' }).addFromUri(uri);
	await api.rpc.author.insertKey('feed', uri, `0x${Buffer.from(pair.publicKey).toString('hex')}`);
	return pair;
}

/** The chain's own time, ms since the epoch. @param {ApiPromise} api */
export async function chainTime(api) {
	return /** @type {any} */ (await api.query.timestamp.now()).toNumber();
}

/** @param {ApiPromise} api */
export async function blockNumber(api) {
	return (await api.rpc.chain.getHeader()).number.toNumber();
}

/**
 * Waits until the chain has made `count` blocks more.
 * @param {ApiPromise} api
 * @param {number} count
 */
export async function blocksPass(api, count) {
	const start = await blockNumber(api);
	return until(async () => {
		const now = await blockNumber(api);
		return now >= start + count && now;
	}, { what: `${count} blocks more`, ms: 30_000 + count * 20_000 });
}
