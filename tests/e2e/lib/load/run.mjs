// A load run: many accounts quoting and taking through the node's RPC for some blocks, and what was seen.

import { readFileSync } from 'node:fs';
import { atBest, cashBooks, contractBooks, fieldsOf, instrumentName } from '../chain.mjs';
import { parse } from '../format.mjs';
import { blockNumber } from '../node.mjs';
import { plain } from '../plain.mjs';
import { perpetual } from '../quote.mjs';
import { simulate, trade } from '../report.mjs';
import { named } from '../tx.mjs';
import { sleep } from '../wait.mjs';
import { Crowd } from './crowd.mjs';
import { random, Tally } from './figures.mjs';
import { Traders } from './market.mjs';

/** @typedef {import('../scene.mjs').Scene} Scene */
/** @typedef {import('./options.mjs').Load} Load */
/** @typedef {import('./market.mjs').Market} Market */

/** Settlement units that each account deposits: makers more than takers. */
const DEPOSIT = 10_000n * 10n ** 6n;
const UNDERLYINGS = [0, 1, 2];
/** Every so many blocks all prices move by a little. */
const MOVE_EVERY = 5;
/** How far at most, of the first price. */
const MOVE = 0.0005;
/** Blocks that what is on its way has to be in one, in the end. */
const DRAIN = 40;
/** After how many of those a transaction that was in none is offered again. */
const DRAIN_PATIENCE = 5;

/** What a run has noted. */
export class Notes {
	/** When each block was there, ms. @type {number[]} */
	times = [];
	/** What of a block's weight was used, by class of dispatch all together. @type {{ time: number, proof: number }[]} */
	fullness = [];
	/** Transactions waiting when a block was there. @type {number[]} */
	pool = [];
	/** The node's memory. @type {ReturnType<typeof memoryOf>[]} */
	memory = [];
	included = 0;
	operations = 0;
	fills = 0;
	volume = 0n;
	/** Transactions that failed, operations of batches that did, orders cancelled by others than their owner. */
	failed = new Tally();
	operationsFailed = new Tally();
	cancelled = new Tally();
	/** What the pool would not take. */
	refused = new Tally();
	/** Blocks in which no operator's prices came in. */
	unfed = 0;
}

/**
 * @param {Scene} scene started, with live prices
 * @param {Load} load
 * @param {any[]} more instruments beside the perpetuals
 * @param {string} name of the keys that are derived
 */
export async function runLoad(scene, load, more = [], name = 'Load') {
	const markets = await listMarkets(scene, more);
	const crowd = new Crowd(scene, name, load.accounts);
	scene.log(`${load.accounts} accounts are endowed and deposit`);
	await crowd.settle(() => DEPOSIT);
	const traders = new Traders(scene, crowd, markets, load, random(load.seed));
	const notes = new Notes();
	const watch = new Watch(scene, crowd, traders, notes);
	scene.log(`${traders.makers.length} make and ${traders.takers.length} take, in ${markets.map((market) => market.name).join(', ')}`);
	const stop = await watch.follow();
	const start = performance.now();
	await watch.run(load.blocks);
	// What the drain adds is no part of the pace.
	const pace = { seconds: (performance.now() - start) / 1000, blocks: load.blocks, operations: notes.operations, fills: notes.fills };
	await watch.drain();
	stop();
	const api = await atBest(scene.api);
	const books = await cashBooks(api, scene.seed);
	const contracts = await contractBooks(api);
	return { notes, pace, crowd, traders, books, contracts };
}

/** @param {Scene} scene @param {any[]} more @returns {Promise<Market[]>} */
async function listMarkets(scene, more) {
	const instruments = [...UNDERLYINGS.map(perpetual), ...more];
	return Promise.all(instruments.map(async (instrument) => {
		await scene.waitForPrices(instrument);
		const { tick, lot } = await scene.terms(instrument);
		const type = scene.api.createType(/** @type {any} */ (scene.api.tx.trading.cancelAll.meta.args[1].type.toString()), instrument);
		return { instrument, name: instrumentName(plain(type)), tick, lot, mark: await scene.mark(instrument) };
	}));
}

/** Looks at every block and acts on it. */
class Watch {
	/** @param {Scene} scene @param {Crowd} crowd @param {Traders} traders @param {Notes} notes */
	constructor(scene, crowd, traders, notes) {
		this.scene = scene;
		this.crowd = crowd;
		this.traders = traders;
		this.notes = notes;
		/** @type {{ number: number, hash: string, at: number }[]} blocks that were not looked at yet */
		this.queue = [];
		const limits = plain(/** @type {any} */ (scene.api.consts.system.blockWeights)).maxBlock;
		this.limits = { time: Number(limits.refTime), proof: Number(limits.proofSize) };
	}

	/** Notes when blocks come, as they come; those from now on. @returns {Promise<() => void>} ends it */
	async follow() {
		const first = await blockNumber(this.scene.api);
		return this.scene.api.rpc.chain.subscribeNewHeads((header) => {
			const number = header.number.toNumber();
			if (number > first) this.queue.push({ number, hash: header.hash.toHex(), at: performance.now() });
		});
	}

	/** Acts on so many blocks. @param {number} blocks */
	async run(blocks) {
		for (let turn = 0; turn < blocks; turn += 1) {
			const { number } = await this.#next();
			if (turn % MOVE_EVERY === 0) await this.#movePrices();
			await this.traders.act(number, turn, (reason) => this.notes.refused.add(reason));
			if (turn % 20 === 19) this.scene.log(`  block ${turn + 1} of ${blocks}: ${this.notes.included} transactions, ${this.notes.fills} fills`);
		}
	}

	/** Waits until what is on its way is in a block, or too many have passed. */
	async drain() {
		// Blocks that have less and less to do say nothing of the load.
		const { times, pool, memory, fullness, unfed } = this.notes;
		Object.assign(this.notes, { times: [], pool: [], memory: [], fullness: [] });
		for (let block = 0; block < DRAIN && this.crowd.onTheWay > 0; block += 1) {
			const { number } = await this.#next();
			// Only at the head: what is in a block that was not looked at yet needs no second offer.
			if (this.queue.length === 0) this.crowd.remind(number, (reason) => this.notes.refused.add(reason), DRAIN_PATIENCE);
		}
		Object.assign(this.notes, { times, pool, memory, fullness, unfed });
	}

	/** Waits for a block and notes what is in it. */
	async #next() {
		const patience = performance.now() + 60_000 + 10 * this.scene.blockTime;
		while (this.queue.length === 0) {
			this.scene.node?.program.check();
			if (performance.now() > patience) throw new Error('no block came');
			await sleep(10);
		}
		const block = /** @type {{ number: number, hash: string, at: number }} */ (this.queue.shift());
		this.notes.times.push(block.at);
		await this.#look(block.hash);
		return block;
	}

	/** @param {string} hash */
	async #look(hash) {
		const { api } = this.scene;
		const at = await api.at(hash);
		const [signed, events, weight, waiting] = await Promise.all([
			api.rpc.chain.getBlock(hash),
			at.query.system.events(),
			at.query.system.blockWeight(),
			api.rpc.author.pendingExtrinsics(),
		]);
		this.notes.pool.push(waiting.length);
		this.notes.memory.push(memoryOf(this.scene.node?.program.child.pid));
		const classes = Object.values(plain(weight));
		const used = (/** @type {'refTime' | 'proofSize'} */ part) => Number(classes.reduce((sum, one) => sum + one[part], 0n));
		this.notes.fullness.push({ time: used('refTime') / this.limits.time, proof: used('proofSize') / this.limits.proof });
		const ours = new Set();
		for (const [index, extrinsic] of signed.block.extrinsics.entries()) {
			if (extrinsic.isSigned && this.crowd.included(extrinsic.signer.toString())) {
				ours.add(index);
				this.notes.included += 1;
				const { method } = extrinsic;
				this.notes.operations += method.method === 'batch' ? /** @type {any} */ (method.args[1]).length : 1;
			}
		}
		this.#readEvents(/** @type {any} */ (events), ours);
	}

	/** @param {any[]} events @param {Set<number>} ours places of the crowd's transactions in the block */
	#readEvents(events, ours) {
		let fed = false;
		for (const { event, phase } of events) {
			if (event.section === 'oracle' && event.method === 'BatchSubmitted') fed = true;
			if (event.section === 'trading') this.#readTrading(event);
			else if (event.section === 'system' && event.method === 'ExtrinsicFailed' && ours.has(phase.asApplyExtrinsic.toNumber())) {
				this.notes.failed.add(named(this.scene.api, event.data[0]).chainName);
			}
		}
		if (!fed) this.notes.unfed += 1;
	}

	/** @param {any} event */
	#readTrading(event) {
		const { resting } = this.traders;
		const fields = fieldsOf(event);
		switch (event.method) {
			case 'OrderPlaced':
				resting.placed(/** @type {any} */ (fields));
				break;
			case 'OrderFilled':
				this.notes.fills += 1;
				this.notes.volume += (fields.size * fields.price) / parse(1);
				resting.filled(fields.makerOrder, fields.size);
				break;
			case 'OrderCancelled':
				resting.gone(fields.order);
				this.notes.cancelled.add(causeName(fields.cause));
				break;
			case 'OperationFailed':
				this.notes.operationsFailed.add(named(this.scene.api, event.data.at(-1)).chainName);
				break;
		}
	}

	/** All prices, by a little, and the marks with them. */
	async #movePrices() {
		const { scene, traders } = this;
		await scene.prices.control({ scale: 1 + (traders.random() * 2 - 1) * MOVE });
		const nobody = scene.key('//Nobody').address;
		await Promise.all(traders.markets.map(async (market) => {
			try {
				const asked = await simulate(scene.api, nobody, [trade(market.instrument, parse(1))]);
				market.mark = asked.risk.legs[0].mark;
			} catch {
				// Without a live price the last one is quoted around: the chain refuses what it must.
			}
		}));
	}
}

/** @param {any} cause */
function causeName(cause) {
	return typeof cause === 'string' ? cause : Object.keys(cause)[0];
}

/**
 * What a process has in memory, MiB: all, and of it what is its own and no part of a file. Zeros where that is
 * not told.
 * @param {number | undefined} pid
 */
function memoryOf(pid) {
	try {
		const status = readFileSync(`/proc/${pid}/status`, 'utf8');
		const of = (/** @type {string} */ name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024;
		return { resident: of('VmRSS'), own: of('RssAnon') };
	} catch {
		return { resident: 0, own: 0 };
	}
}
