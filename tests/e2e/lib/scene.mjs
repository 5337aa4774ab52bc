// A chain with live prices and a few people on it: what the demo and the tests begin with.

import { inspect } from 'node:util';
import { Keyring } from '@polkadot/api';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cashOf, vault } from './chain.mjs';
import { ceilTo, floorTo, parse } from './format.mjs';
import { chainTime, insertFeederKey, startNode } from './node.mjs';
import { plain } from './plain.mjs';
import { PriceServer } from './prices.mjs';
import { option, perpetual, quote, sign, subAccount } from './quote.mjs';
import { report, simulate, trade } from './report.mjs';
import { send, sudo } from './tx.mjs';
import { until } from './wait.mjs';

const DAY = 24 * 3_600_000;
/** Native units that a new person gets for fees: 1,000 tokens of 12 decimals. */
const FEES = 1_000n * 10n ** 12n;

/** Everything that runs, and what is known of it. */
export class Scene {
	/**
	 * @param {{ priceArgs?: string[], nodeArgs?: string[], underlying?: number, blockTime?: number, log?: (line: string) => void }} options
	 */
	constructor({ priceArgs = [], nodeArgs = [], underlying = 1, blockTime = 1000, log = () => {} }) {
		this.folder = mkdtempSync(join(tmpdir(), 'plimsoll-'));
		this.log = log;
		this.underlying = underlying;
		this.blockTime = blockTime;
		this.nodeArgs = nodeArgs;
		this.prices = new PriceServer({ args: priceArgs, folder: this.folder });
		this.keyring = new Keyring({ type: 'sr25519' });
		/** @type {import('./node.mjs').RunningNode | undefined} */
		this.node = undefined;
		this.seed = 0n;
		/** @type {number[]} expiries that the price server quotes */
		this.expiries = [];
	}

	get api() {
		if (!this.node) throw new Error('the node has not been started');
		return this.node.api;
	}

	/** @param {string} name "//Alice" and so on */
	key(name) {
		return this.keyring.addFromUri(name);
	}

	get alice() {
		return this.key('//Alice');
	}

	get perpetual() {
		return perpetual(this.underlying);
	}

	/** Starts the price server and the node, and gives the node its feeder key. */
	async start() {
		this.log('starting the price server and the node');
		await this.prices.start();
		this.node = await startNode({ blockTime: this.blockTime, args: this.nodeArgs, folder: this.folder, log: this.log });
		await insertFeederKey(this.api);
		this.seed = await cashOf(this.api, vault(this.api));
		await this.blocks(1);
	}

	/** Ends all that was started. */
	async stop() {
		await this.node?.stop();
		await this.prices.stop();
	}

	/** The end of the node's log, for when something failed. */
	nodeLog(lines = 40) {
		return this.node?.program.tail(lines) ?? '';
	}

	/** Waits for blocks. @param {number} count */
	async blocks(count) {
		const { api } = this;
		const start = (await api.rpc.chain.getHeader()).number.toNumber();
		return until(async () => {
			this.node?.program.check();
			return (await api.rpc.chain.getHeader()).number.toNumber() >= start + count;
		}, { what: `${count} blocks more`, ms: 30_000 + count * 20_000, log: this.log });
	}

	/** Waits until there is a price that may be acted on. @param {any} [instrument] */
	async waitForPrices(instrument = this.perpetual, ms = 90_000) {
		await until(() => this.mark(instrument), { what: `live prices for ${inspect(instrument.contract)}`, ms, every: 500, log: this.log });
	}

	/** USD per contract now, 18 decimals. Fails where there is no live price. @param {any} instrument */
	async mark(instrument) {
		const asked = await simulate(this.api, this.key('//Nobody').address, [trade(instrument, parse(1))]);
		return asked.risk.legs[0].mark;
	}

	/** The terms on which an instrument is listed. @param {any} instrument */
	async terms(instrument) {
		const listing = plain(await this.api.query.markets.instruments(instrument));
		if (!listing) throw new Error('not listed');
		return listing;
	}

	/** A price at an instrument's tick, at or below. @param {any} instrument @param {bigint} price */
	async onTick(instrument, price) {
		const { tick } = await this.terms(instrument);
		const rounded = floorTo(price, tick);
		return rounded > 0n ? rounded : tick;
	}

	/**
	 * Lists a call near the money `days` from chain time and has the price server quote its expiry.
	 * @param {number} [days]
	 */
	async listCall(days = 30) {
		const { api } = this;
		const now = await chainTime(api);
		const expiry = Math.ceil((now + days * DAY) / 3_600_000) * 3_600_000;
		const { strikeStep } = plain(await api.query.markets.underlyings(this.underlying));
		const strike = ceilTo(await this.mark(this.perpetual), strikeStep);
		const call = option(this.underlying, expiry, strike, 'Call');
		const tick = parse('0.01');
		const lot = parse('0.01');
		await sudo(api, this.alice, api.tx.markets.list(call, { tick, lot, openInterestCap: parse(1_000_000) }));
		this.expiries = [expiry];
		await this.requote();
		return call;
	}

	/** Tells the price server what the chain's time is and which expiries are listed: it forgets them when it is restarted. */
	async requote() {
		await this.prices.control({ chain_time: await chainTime(this.api), expiries: { [this.underlying]: this.expiries } });
	}

	/**
	 * Gives new people native tokens and cash, from Alice.
	 * @param {Record<string, bigint>} people settlement units by name
	 */
	async fund(people) {
		const { api } = this;
		const asset = api.consts.markets.settlementAsset;
		const calls = Object.entries(people).flatMap(([name, units]) => {
			const { address } = this.key(name);
			return [
				api.tx.balances.transferKeepAlive(address, FEES),
				...(units > 0n ? [api.tx.assets.transfer(/** @type {any} */ (asset), address, units)] : []),
			];
		});
		// Alice's nonces count on from one another; all go into the same block or two.
		const first = (await api.rpc.system.accountNextIndex(this.alice.address)).toNumber();
		await Promise.all(calls.map((call, i) => send(api, call, this.alice, { nonce: first + i })));
	}

	/** @param {string} name @param {bigint} units */
	deposit(name, units, number = 0) {
		return send(this.api, this.api.tx.margin.deposit(number, 'Cash', units), this.key(name));
	}

	/** @param {string} name */
	report(name, number = 0) {
		return report(this.api, this.key(name).address, number);
	}

	/**
	 * One trades with another at the given prices: the maker signs, the taker submits.
	 * @param {string} taker
	 * @param {string} maker
	 * @param {import('./quote.mjs').Leg[]} legs
	 * @param {Record<string, unknown>} [overrides] of the quote's fields
	 * @param {string} [submitter] who sends it: the taker's owner or a delegate
	 */
	async trade(taker, maker, legs, overrides = {}, submitter = taker) {
		const { api } = this;
		const terms = await quote(api, this.key(maker).address, legs, { taker: this.key(taker).address, ...overrides });
		const signature = sign(api, terms, this.key(maker));
		return send(api, api.tx.trading.blockTrade(subAccount(this.key(taker).address), terms, signature), this.key(submitter));
	}
}
