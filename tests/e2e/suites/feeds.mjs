// The price feed under faults, through the real HTTP path.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventsBetween, positionsOf } from '../lib/chain.mjs';
import { parse } from '../lib/format.mjs';
import { plain } from '../lib/plain.mjs';
import { simulate, trade } from '../lib/report.mjs';
import { errorName, send, sudo } from '../lib/tx.mjs';
import { touches } from '../lib/waterfall.mjs';
import { until } from '../lib/wait.mjs';
import { booksBalance } from './main-path.mjs';

const USDC = 10n ** 6n;
const MAKER = '//Bob';
const THIN = '//Thin';
/** Chain time moves on by six seconds a block, so a minute is over after ten. */
const STALE_WITHIN = 90_000;
/** What new risk is refused with: which feed died first is a matter of timing. */
const NO_PRICE = /^margin\.(StalePrice|NoSettlementAssetPrice)$/;

/** @param {() => import('../lib/scene.mjs').Scene} stage */
export function feeds(stage) {
	const one = async () => {
		const { perpetual } = stage();
		return { instrument: perpetual, size: parse(1), price: lastPrice };
	};
	/** @type {bigint} */
	let lastPrice;
	/** The aggregate of the underlying's spot. */
	const spot = async () => plain(await stage().api.query.oracle.aggregates(stage().underlying)).spot;
	const isLive = async () => (await simulate(stage().api, stage().key('//Nobody').address, [trade(stage().perpetual, parse(1), lastPrice)])).leastFavourable !== null;
	const goesStale = () => until(async () => !(await isLive()), { what: 'the feed to go stale', ms: STALE_WITHIN });
	const comesBack = () => until(isLive, { what: 'the feed to be live again', ms: STALE_WITHIN });
	/** Events of all blocks after `from` up to now. @param {number} from */
	const eventsSince = async (from) => eventsBetween(stage().api, from, await head());
	const head = async () => (await stage().api.rpc.chain.getHeader()).number.toNumber();

	test('a thinly funded long is opened', async () => {
		const scene = stage();
		const { perpetual } = scene;
		lastPrice = await scene.onTick(perpetual, await scene.mark(perpetual));
		const size = parse(10);
		const { freeCollateral } = await simulate(scene.api, scene.key(THIN).address, [{ Deposit: { asset: 'Cash', amount: 100_000n * USDC } }, trade(perpetual, size, lastPrice)]);
		const deposit = ((100_000n * USDC - freeCollateral / 10n ** 12n) * 103n) / 100n;
		await scene.fund({ [THIN]: deposit, '//Nobody': 0n });
		await scene.deposit(THIN, deposit);
		await scene.trade(THIN, MAKER, [{ instrument: perpetual, size, price: lastPrice }]);
	});

	test('one venue that lies by half is outvoted', async () => {
		const { prices } = stage();
		for (const factor of [0.5, 1.5]) {
			await prices.control({ fault: { venue: 'binance', kind: 'lie', factor } });
			const { value: before } = await spot();
			await stage().blocks(4);
			const { value } = await spot();
			const difference = value > before ? value - before : before - value;
			assert.ok(difference * 1000n < before, `${before} ${value}`);
			assert.ok(await isLive());
		}
		await prices.control({ fault: null });
	});

	for (const fault of [{ kind: 'slow', ms: 30_000 }, { kind: 'malformed' }, { kind: 'unavailable' }]) {
		test(`feed goes stale and comes back when the price server is ${fault.kind}`, async () => {
			const scene = stage();
			const { perpetual } = scene;
			const from = await head();
			await scene.prices.control({ fault });
			await goesStale();
			assert.match(await errorName(scene.trade(THIN, MAKER, [await one()])), NO_PRICE);
			assert.match(await errorName(send(scene.api, scene.api.tx.margin.withdraw(0, 'Cash', USDC), scene.key(THIN))), NO_PRICE);
			await scene.prices.control({ fault: null });
			await comesBack();
			assert.equal((await eventsSince(from)).filter((event) => event.section === 'liquidation').length, 0);
			assert.ok((await scene.mark(perpetual)) > 0n);
		});
	}

	test('new risk is refused and nothing is liquidated while the price server is down, and all resumes after the grace period', async () => {
		const scene = stage();
		const { api, prices } = scene;
		const { address } = scene.key(THIN);
		const { graceBlocks } = plain(await api.query.liquidation.params());
		const held = await positionsOf(api, address);
		const from = await head();
		await prices.stop();
		await goesStale();
		assert.match(await errorName(scene.trade(THIN, MAKER, [await one()])), NO_PRICE);
		await scene.blocks(3);
		assert.deepEqual(await positionsOf(api, address), held);

		// When the server is back, prices are so much lower that the account is below its maintenance
		// margin however wide the feed's confidence was when it was opened.
		await prices.start();
		await scene.requote();
		await prices.control({ scale: 0.85 });
		await comesBack();
		const isEntry = (/** @type {any} */ event) => event.method === 'Entered' && touches(event, address);
		await until(async () => (await eventsSince(from)).some(isEntry), { what: 'the thin account to enter the waterfall', ms: 60_000 + 60 * scene.blockTime, every: 1000 });
		// Others may have entered too. The block in which the feed came back counts.
		const events = await eventsSince(from);
		const first = events.find((event) => event.section === 'liquidation');
		const live = events.find((event) => event.section === 'oracle' && event.method === 'FeedLive');
		assert.ok(first && live && first.block >= live.block + Number(graceBlocks) - 1, `live at ${live?.block}, ${first?.method} at ${first?.block}`);

		await until(async () => plain(await api.query.liquidation.queue()).length === 0, { what: 'the waterfall to end', ms: 120_000, every: 500 });
		const { risk } = await scene.report(THIN);
		assert.ok(risk.margin.equity >= risk.margin.maintenance);
		await prices.control({ scale: 1 });
		await scene.blocks(3);
		lastPrice = await scene.onTick(scene.perpetual, await scene.mark(scene.perpetual));
		await booksBalance(scene);
	});

	test('operator who lies by half is outvoted by the two others', async () => {
		const scene = stage();
		const { api, prices } = scene;
		const params = /** @type {any} */ (await api.query.oracle.params());
		await sudo(api, scene.alice, api.tx.oracle.setParams(/** @type {any} */ ({ ...asInput(params), quorum: 2 })));
		const { spots } = await prices.control({});
		const honest = Object.entries(spots).map(([underlying, price]) => ({ Spot: { underlying, price: parse(Number(price).toFixed(8)) } }));
		const batch = [...honest, { SettlementAsset: { price: parse(1) } }];
		const from = await head();
		const report = () => Promise.all(['//Feeder//2', '//Feeder//3'].map((feeder) => send(api, api.tx.oracle.submit(/** @type {any} */ (batch)), scene.key(feeder))));
		await report();
		// All that the first operator's node can see lies.
		await prices.control({ fault: { kind: 'lie', factor: 1.5 } });
		const truth = parse(Number(spots[scene.underlying]).toFixed(8));
		let lied = false;
		for (let round = 0; round < 5 || (!lied && round < 20); round += 1) {
			await report();
			const { value, failure } = await spot();
			assert.equal(failure, null);
			const off = value > truth ? value - truth : truth - value;
			assert.ok(off * 1000n < truth, `${value} is not ${truth}`);
			assert.ok(await isLive());
			const liar = plain(await api.query.oracle.values(scene.underlying, scene.key('//Feeder//1').address));
			lied ||= liar.spot.value > (truth * 14n) / 10n;
		}
		assert.ok(lied, 'the lie did not reach the chain');
		assert.equal((await eventsSince(from)).filter((event) => event.section === 'liquidation').length, 0);
		await prices.control({ fault: null });
		await sudo(api, scene.alice, api.tx.oracle.setParams(params));
		await comesBack();
	});

	test('cash is conserved and contracts are zero-sum after all of that', () => booksBalance(stage()));
}

/** A struct as an input for a call. @param {any} struct */
function asInput(struct) {
	return Object.fromEntries([...struct.entries()]);
}
