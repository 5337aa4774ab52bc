// The transaction pool: feeds in full blocks, and nominations.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventsAt, records } from '../lib/chain.mjs';
import { parse } from '../lib/format.mjs';
import { plain } from '../lib/plain.mjs';
import { simulate, trade } from '../lib/report.mjs';
import { generalTransaction, send, submitRaw } from '../lib/tx.mjs';
import { until } from '../lib/wait.mjs';
import { booksBalance } from './main-path.mjs';

const USDC = 10n ** 6n;
const TOKEN = 10n ** 12n;
const MAKER = '//Bob';
const WEAK = '//Weak';
/** How many blocks are kept full. */
const FULL_BLOCKS = 8;
/** Transfers sent into each of them: more than fit. */
const TRANSFERS = 60;
const SPAMMERS = ['//Charlie', '//Dave', '//Eve', '//Ferdie'];
/** What the sweep looks at in a block, times the blocks that it shall take to come round. */
const CROWD = 32 * 14;

/** @param {() => import('../lib/scene.mjs').Scene} stage */
export function pool(stage) {
	const head = async () => (await stage().api.rpc.chain.getHeader()).number.toNumber();

	test('feeds land while blocks are full of tipped transfers', async () => {
		const scene = stage();
		const { api } = scene;
		const spam = new Spam(scene);
		const from = await head();
		await spam.run(FULL_BLOCKS);
		const to = await head();
		// Whatever is found below, later tests shall not have the rest of it in their way.
		await spam.drained();
		let full = 0;
		let fed = 0;
		let transfers = 0;
		for (let block = from + 1; block <= to; block += 1) {
			const hash = await api.rpc.chain.getBlockHash(block);
			const used = plain(await (await api.at(hash)).query.system.blockWeight()).normal.refTime;
			const events = await eventsAt(api, hash);
			if (used < (spam.limit * 97n) / 100n) continue;
			full += 1;
			transfers += events.filter((event) => event.section === 'balances' && event.method === 'Transfer').length;
			if (events.some((event) => event.section === 'oracle' && event.method === 'BatchSubmitted')) fed += 1;
		}
		assert.ok(full >= 4, `only ${full} of ${to - from} blocks were full`);
		assert.ok(transfers > 0, 'tipped transfers were in them');
		// A worker that is fetching when a block comes sends into the one after it.
		assert.ok(fed * 2 >= full, `${fed} of ${full} full blocks had a feed`);
		assert.ok(spam.backlog > 20, `more was offered than fits: ${spam.backlog} waited`);
		await scene.mark(scene.perpetual);
	});

	test('nomination is refused for unknown and healthy accounts', async () => {
		const scene = stage();
		assert.match(await refusal(scene, '//Unknown'), /Custom error: 1/);
		assert.match(await refusal(scene, MAKER), /Custom error: 2/);
	});

	test('bare and signed nominations are refused', async () => {
		const scene = stage();
		const { api } = scene;
		const call = nomination(scene, MAKER);
		await assert.rejects(submitRaw(api, call.toHex()), /./);
		await assert.rejects(send(api, call, scene.alice), /BadOrigin|Bad origin|[Ii]nvalid/);
	});

	test('an account weakens in a crowd that the sweep takes long to go round', async () => {
		const scene = stage();
		const { api, perpetual } = scene;
		const price = await scene.onTick(perpetual, await scene.mark(perpetual));
		const size = parse(5);
		const { freeCollateral } = await simulate(api, scene.key(WEAK).address, [{ Deposit: { asset: 'Cash', amount: 100_000n * USDC } }, trade(perpetual, size, price)]);
		const deposit = ((100_000n * USDC - freeCollateral / 10n ** 12n) * 103n) / 100n;
		await scene.fund({ [WEAK]: deposit, '//Crowd': BigInt(CROWD + 10) * USDC });
		await scene.deposit(WEAK, deposit);
		await scene.trade(WEAK, MAKER, [{ instrument: perpetual, size, price }]);
		const crowd = scene.key('//Crowd');
		const first = (await api.rpc.system.accountNextIndex(crowd.address)).toNumber();
		const deposits = await Promise.all(Array.from({ length: CROWD }, async (_, i) =>
			(await api.tx.margin.deposit(i, 'Cash', USDC).signAsync(crowd, { nonce: first + i, era: 0 })).toHex()));
		// The pool may drop some of a crowd: those are offered again.
		await until(async () => {
			const next = /** @type {any} */ (await api.query.system.account(crowd.address)).nonce.toNumber() - first;
			for (const bytes of deposits.slice(next)) await submitRaw(api, bytes).catch(() => {});
			return next === CROWD;
		}, { what: 'the crowd to be there', ms: 180_000, every: 1000 });
		assert.ok((await records(api)).length >= CROWD);
	});

	test('nomination brings a weak account in before the sweep, and no copy of it gets in', async () => {
		const scene = stage();
		const { api } = scene;
		const { address } = scene.key(WEAK);
		const { graceBlocks } = plain(await api.query.liquidation.params());
		await until(async () => plain(await api.query.oracle.aggregates(scene.underlying)).liveBlocks >= graceBlocks, { what: 'the grace period to be over', ms: 60_000, every: 200 });
		await sweepHasJustPassed(scene, address);
		const from = await head();
		await scene.prices.control({ scale: 0.9 });
		const isBelow = async () => {
			const { margin } = { margin: (await scene.report(WEAK)).mostFavourable };
			return margin.equity < margin.maintenance;
		};
		await until(isBelow, { what: 'the account to be below its margin', ms: 60_000, every: 100 });

		// A flood of copies: the pool takes one at most. The node's own worker may have been first, or the
		// pool may still be at a block where the account is healthy.
		const bytes = generalTransaction(api, nomination(scene, WEAK));
		const flood = await Promise.allSettled(Array.from({ length: 100 }, () => submitRaw(api, bytes)));
		const taken = flood.filter((one) => one.status === 'fulfilled').length;
		assert.ok(taken <= 1, `${taken} copies were taken`);
		for (const one of flood) {
			if (one.status === 'rejected') assert.match(one.reason.message, /[Aa]lready [Ii]mported|[Pp]riority is too low|Custom error: [24]|temporarily banned/);
		}

		const entered = await until(async () => {
			const to = await head();
			for (let block = from + 1; block <= to; block += 1) {
				const hash = await api.rpc.chain.getBlockHash(block);
				const events = /** @type {any} */ (await (await api.at(hash)).query.system.events());
				const found = events.find(({ event }) => event.section === 'liquidation' && event.method === 'Entered' && plain(event.data[0]).owner === address);
				if (found) return { hash, block, phase: found.phase };
			}
			return undefined;
		}, { what: 'the account to enter the waterfall', ms: 60_000, every: 500 });
		assert.ok(entered.phase.isApplyExtrinsic, `it entered by ${entered.phase.type}`);
		const { block } = await api.rpc.chain.getBlock(entered.hash);
		const { method } = block.extrinsics[entered.phase.asApplyExtrinsic.toNumber()];
		assert.equal(`${method.section}.${method.method}`, 'liquidation.nominate');

		await assert.rejects(submitRaw(api, bytes), /Custom error: [24]|temporarily banned|[Aa]lready [Ii]mported/);
	});

	test('the weak account is dealt with and leaves the queue', async () => {
		const scene = stage();
		await until(async () => plain(await scene.api.query.liquidation.queue()).length === 0, { what: 'the waterfall to end', ms: 120_000, every: 500 });
		const { risk } = await scene.report(WEAK);
		assert.ok(risk.margin.equity >= risk.margin.maintenance);
		await scene.prices.control({ scale: 1 });
		await scene.blocks(3);
		await booksBalance(scene);
	});
}

/** @param {import('../lib/scene.mjs').Scene} scene @param {string} name */
function nomination(scene, name) {
	return scene.api.tx.liquidation.nominate({ owner: scene.key(name).address, number: 0 });
}

/** What the pool says to a nomination. @param {import('../lib/scene.mjs').Scene} scene @param {string} name */
async function refusal(scene, name) {
	try {
		await submitRaw(scene.api, generalTransaction(scene.api, nomination(scene, name)));
	} catch (error) {
		return /** @type {Error} */ (error).message;
	}
	return 'it was taken';
}

/** Waits until the sweep has just evaluated an account, so that it is long until it comes round again. @param {import('../lib/scene.mjs').Scene} scene @param {string} address */
async function sweepHasJustPassed(scene, address) {
	const { api } = scene;
	const order = (await records(api)).map(({ owner, number }) => `${owner}/${number}`);
	const place = order.indexOf(`${address}/0`);
	await until(async () => {
		const cursor = plain(await api.query.liquidation.sweepCursor());
		const at = cursor === null ? order.length - 1 : order.indexOf(`${cursor.owner}/${cursor.number}`);
		const gone = (at - place + order.length) % order.length;
		return gone < 96;
	}, { what: 'the sweep to pass the account', ms: 90_000, every: 200 });
}

/**
 * A sender's signed transactions, by nonce from `first` on.
 * @typedef {{ address: string, first: number, extrinsics: string[] }} Stream
 */

/**
 * Keeps blocks full. Each gets one transaction that declares nearly all of the weight that ordinary
 * ones may have, with a tip, and more tipped transfers than the rest has room for.
 */
class Spam {
	/** @param {import('../lib/scene.mjs').Scene} scene */
	constructor(scene) {
		this.scene = scene;
		const { perClass } = /** @type {any} */ (scene.api.consts.system.blockWeights);
		/** What ordinary transactions of a block may weigh together, picoseconds. */
		this.limit = perClass.normal.maxTotal.unwrap().refTime.toBigInt();
		this.single = perClass.normal.maxExtrinsic.unwrap().refTime.toBigInt();
		/** The most transactions that were seen waiting. */
		this.backlog = 0;
		/** @type {Stream[]} all that was offered, by sender */
		this.streams = [];
	}

	/** @param {number} blocks */
	async run(blocks) {
		const { api } = this.scene;
		const target = this.scene.key('//Bob').address;
		const { weight } = await api.tx.balances.transferKeepAlive(target, TOKEN).paymentInfo(this.scene.alice);
		const transfer = /** @type {any} */ (weight).refTime.toBigInt();
		// Leaves room for about twenty transfers.
		const bulk = [this.single - transfer, this.limit - this.single - 40n * transfer].filter((one) => one > 10n * transfer);
		const each = Math.ceil((TRANSFERS * blocks) / SPAMMERS.length);
		const transfers = await Promise.all(SPAMMERS.map((name) =>
			this.signed(name, Array.from({ length: each }, () => api.tx.balances.transferKeepAlive(target, TOKEN)), 100n * TOKEN)));
		const heavy = await this.signed('//Alice', Array.from({ length: blocks }, () => bulk).flat().map((refTime) =>
			api.tx.sudo.sudoUncheckedWeight(api.tx.system.remark('0x00'), { refTime, proofSize: 0 })), 1000n * TOKEN);
		this.streams = [...transfers, heavy];
		// Last nonce first: nothing is ready before all of its sender's is there, so that no block
		// takes a part of it.
		const offer = (/** @type {string} */ bytes) => submitRaw(api, bytes).catch(() => {});
		await Promise.all(transfers.flatMap(({ extrinsics }) => extrinsics.toReversed()).map(offer));
		for (const bytes of heavy.extrinsics.toReversed()) await offer(bytes);
		await until(async () => {
			await this.look();
			return (await this.offerAgain([heavy])) === 0;
		}, { what: 'full blocks', ms: 180_000, every: 500 });
	}

	/** Notes how many transactions are waiting. */
	async look() {
		const waiting = (await this.scene.api.rpc.author.pendingExtrinsics()).length;
		this.backlog = Math.max(this.backlog, waiting);
	}

	/**
	 * Signs a sender's transactions beforehand, for ever valid, so that what is sent is sent fast.
	 * @param {string} name @param {any[]} calls @param {bigint} tip
	 * @returns {Promise<Stream>}
	 */
	async signed(name, calls, tip) {
		const signer = this.scene.key(name);
		const first = (await this.scene.api.rpc.system.accountNextIndex(signer.address)).toNumber();
		const extrinsics = await Promise.all(calls.map(async (call, i) => (await call.signAsync(signer, { nonce: first + i, tip, era: 0 })).toHex()));
		return { address: signer.address, first, extrinsics };
	}

	/**
	 * Offers again what is in no block yet, and tells how much that is. Where the pool has dropped one,
	 * the rest of its sender's would wait for it, unseen, and stand in the way of what is sent later.
	 * @param {Stream[]} streams
	 */
	async offerAgain(streams) {
		const { api } = this.scene;
		const left = async (/** @type {Stream} */ { address, first, extrinsics }) =>
			extrinsics.slice(/** @type {any} */ (await api.query.system.account(address)).nonce.toNumber() - first);
		const rest = (await Promise.all(streams.map(left))).flat();
		for (const bytes of rest) await submitRaw(api, bytes).catch(() => {});
		return rest.length;
	}

	/** Waits until all of it is in a block. */
	drained() {
		return until(async () => (await this.offerAgain(this.streams)) === 0, { what: 'the pool to empty', ms: 180_000, every: 1000 });
	}
}
