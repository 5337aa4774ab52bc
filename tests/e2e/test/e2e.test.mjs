// End to end, on the real node and through the real price server. One node for all: they start in
// order, and each leaves prices as they were.

import { after, afterEach, before, describe, test } from 'node:test';
import { Scene } from '../lib/scene.mjs';
import { send } from '../lib/tx.mjs';
import { parse } from '../lib/format.mjs';
import { book } from '../suites/book.mjs';
import { badInput } from '../suites/bad-input.mjs';
import { etherBook } from '../suites/ether-book.mjs';
import { feeds } from '../suites/feeds.mjs';
import { funding } from '../suites/funding.mjs';
import { listing } from '../suites/listing.mjs';
import { load } from '../suites/load.mjs';
import { loans } from '../suites/loans.mjs';
import { mainPath } from '../suites/main-path.mjs';
import { negotiated } from '../suites/negotiated.mjs';
import { pool } from '../suites/pool.mjs';
import { swaps } from '../suites/swaps.mjs';

const USDC = 10n ** 6n;
/** @type {Scene} */
let scene;
/** @type {any} */
let call;
let failed = false;

before(async () => {
	scene = new Scene({ blockTime: Number(process.env.PLIMSOLL_BLOCK_TIME ?? 1000), log: (line) => console.log(line) });
	try {
		await scene.start();
		await scene.waitForPrices();
		call = await scene.listCall();
		await scene.waitForPrices(call);
	} catch (error) {
		console.log(scene.nodeLog());
		await scene.stop();
		throw error;
	}
}, { timeout: 300_000 });

after(async () => {
	if (failed) console.log(`the node's log is ${scene.folder}/node.log; its end:\n${scene.nodeLog(60)}`);
	await scene?.stop();
});

/** @param {string} name @param {() => void} suite */
function part(name, suite) {
	describe(name, { concurrency: 1 }, () => {
		afterEach((context) => {
			if (/** @type {any} */ (context).passed === false) failed = true;
		});
		suite();
	});
}

part('main path', () => mainPath(() => scene, () => call));
part('order book', () => book(() => scene));
part('request for quotes', () => negotiated(() => scene, () => call));
part('funding', () => funding(() => scene));
part('loans', () => loans(() => scene));
part('swaps', () => swaps(() => scene));
part('book of ether', () => etherBook(() => scene));
part('listing', () => listing(() => scene));
part('bad input', () => badInput(() => scene, () => call));
part('a provider', () => {
	test('provider opts in and the insurance fund is paid into', async () => {
		await scene.fund({ '//Backstop': 500_000n * USDC });
		await scene.deposit('//Backstop', 500_000n * USDC);
		await send(scene.api, scene.api.tx.liquidation.optIn(0, { minimumDiscount: 50_000, maximumSlice: parse(1_000_000) }), scene.key('//Backstop'));
		await send(scene.api, scene.api.tx.margin.contributeInsurance(10_000n * USDC), scene.alice);
	});
});
part('pool', () => pool(() => scene));
part('feeds', () => feeds(() => scene));
part('load', () => load(() => scene, () => call));
