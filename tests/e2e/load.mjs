#!/usr/bin/env node
// Many accounts quoting and taking on a real node, through its RPC: what it takes of a block, how fast it
// goes, and whether all still adds up. See README.md.

import { readOptions, USAGE } from './lib/load/options.mjs';
import { describeLoad, verdicts } from './lib/load/print.mjs';
import { runLoad } from './lib/load/run.mjs';
import { Scene } from './lib/scene.mjs';

/** What a node keeps of the past and in its caches, bounded so low that it has all of it within a run: more
 * that it takes after that is a leak. The database's cache bounds what it buffers of writes too, by default about
 * a gigabyte, which a run would only ever see grow. */
const BOUNDED = ['--state-pruning', '32', '--trie-cache-size', String(64 * 2 ** 20), '--db-cache', '32'];

const say = (/** @type {string} */ line = '') => console.log(line);

async function main() {
	const options = readOptions(process.argv.slice(2));
	if (options.help) {
		say(USAGE);
		return 0;
	}
	if (options.node) process.env.PLIMSOLL_NODE = options.node;
	const scene = new Scene({ blockTime: options.blockTime, nodeArgs: BOUNDED, log: say });
	try {
		await scene.start();
		await scene.waitForPrices();
		const call = await scene.listCall();
		const outcome = await runLoad(scene, options, [call]);
		say(`\n${describeLoad(outcome, options)}\n`);
		const checks = verdicts(outcome, options);
		for (const [held, what] of checks) say(`  ${held ? 'yes' : 'NO '}  ${what}`);
		return checks.every(([held]) => held) ? 0 : 1;
	} catch (error) {
		console.error(`\nThe load run failed: ${/** @type {Error} */ (error).stack}`);
		console.error(`\nLogs are in ${scene.folder}.${scene.node ? ` The end of the node's:\n${scene.nodeLog()}` : ''}`);
		return 1;
	} finally {
		await scene.stop();
	}
}

main().then((code) => process.exit(code), (error) => {
	console.error(error.stack);
	process.exit(2);
});
