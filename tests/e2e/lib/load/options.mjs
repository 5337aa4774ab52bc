// The load run's command line.

import { parseArgs } from 'node:util';

export const USAGE = `Usage: node load.mjs [options]

  --accounts N      accounts that trade (1000)
  --blocks N        blocks that are measured (200)
  --makers P        per cent of the accounts that quote; the others take (20)
  --quote-every N   each maker renews its quotes every N blocks (40)
  --take-every N    each taker sends an order every N blocks (50)
  --levels N        quotes of a maker in each instrument and on each side (2)
  --block-time MS   time between blocks (6000, as on the chain)
  --seed N          of what is drawn at random (1)
  --node FILE       the node's binary; default: $PLIMSOLL_NODE, else the build's

Exit code 1 where a block was late by half its time or more, more than a twentieth of the operations failed
(post-only ones that would have filled apart), a transaction is in no block, more than half of the blocks had no
price feed, nothing filled, contracts do not sum to zero, open interest is not that of the longs, or cash is not
conserved.
`;

/** What is asked for where nothing is said. */
export const DEFAULTS = { accounts: 1000, blocks: 200, makers: 20, quoteEvery: 40, takeEvery: 50, levels: 2, blockTime: 6000, seed: 1 };

/**
 * @typedef {typeof DEFAULTS} Load
 */

/** @param {string | undefined} text @param {string} name @param {number} otherwise @param {number} least @param {number} most */
function whole(text, name, otherwise, least, most) {
	if (text === undefined) return otherwise;
	const value = Number(text);
	if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most) throw new Error(`--${name} must be a whole number from ${least} to ${most}: ${text}`);
	return value;
}

/** @param {string[]} argv */
export function readOptions(argv) {
	const text = /** @type {const} */ ({ type: 'string' });
	const { values } = parseArgs({
		args: argv,
		options: {
			accounts: text,
			blocks: text,
			makers: text,
			'quote-every': text,
			'take-every': text,
			levels: text,
			'block-time': text,
			seed: text,
			node: text,
			help: { type: 'boolean', default: false },
		},
	});
	return {
		help: values.help,
		node: values.node,
		accounts: whole(values.accounts, 'accounts', DEFAULTS.accounts, 2, 5000),
		blocks: whole(values.blocks, 'blocks', DEFAULTS.blocks, 1, 100_000),
		makers: whole(values.makers, 'makers', DEFAULTS.makers, 1, 99),
		quoteEvery: whole(values['quote-every'], 'quote-every', DEFAULTS.quoteEvery, 1, 1000),
		takeEvery: whole(values['take-every'], 'take-every', DEFAULTS.takeEvery, 1, 1000),
		levels: whole(values.levels, 'levels', DEFAULTS.levels, 1, 8),
		blockTime: whole(values['block-time'], 'block-time', DEFAULTS.blockTime, 100, 60_000),
		seed: whole(values.seed, 'seed', DEFAULTS.seed, 1, 2 ** 31 - 1),
	};
}
