// The demo's command line.

import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { defaultPrices } from './prices.mjs';

export const USAGE = `Usage: node demo.mjs [options]

  --prices FILE           CSV of bars to replay (gzip or plain); default: Binance's ETHUSDT bars in
                          $PLIMSOLL_DATA or ../shared/data, else a synthetic crash
  --synthetic             replay the synthetic crash even where there is a file
  --underlying BTC|ETH|DOT   what the bars are of; default: what the file's name says, else ETH
  --from T, --to T        which bars; default: the largest fall
  --blocks-per-bar N      blocks that each bar lasts at least (3)
  --block-move P          and as many more as keep the price from moving by more than P per cent in
                          a block (4)
  --block-time MS         time between blocks (1000)
  --unhedged-side S       whether the unhedged trader is long or short the perpetual (long: a fall
                          hurts it; short: the largest rise is replayed)
  --notional USD          size of each perpetual position (60000)
  --node FILE             the node's binary; default: $PLIMSOLL_NODE, else the build's
`;

const NAMES = ['BTC', 'ETH', 'DOT'];

/** @param {string | undefined} text @param {string} name @param {number} otherwise @param {number} least */
function number(text, name, otherwise, least) {
	if (text === undefined) return otherwise;
	const value = Number(text);
	if (text.trim() === '' || !Number.isFinite(value) || value < least) throw new Error(`--${name} must be a number of at least ${least}: ${text}`);
	return value;
}

/** @param {string[]} argv */
export function readOptions(argv) {
	const { values } = parseArgs({
		args: argv,
		options: {
			prices: { type: 'string' },
			synthetic: { type: 'boolean', default: false },
			underlying: { type: 'string' },
			from: { type: 'string' },
			to: { type: 'string' },
			'blocks-per-bar': { type: 'string' },
			'block-move': { type: 'string' },
			'block-time': { type: 'string' },
			'unhedged-side': { type: 'string', default: 'long' },
			notional: { type: 'string' },
			node: { type: 'string' },
			help: { type: 'boolean', default: false },
		},
	});
	const file = values.synthetic ? undefined : (values.prices || defaultPrices());
	const named = (values.underlying ?? NAMES.find((name) => file && basename(file).toUpperCase().includes(name)) ?? 'ETH').toUpperCase();
	const underlying = NAMES.indexOf(named);
	if (underlying < 0) throw new Error(`--underlying is one of ${NAMES.join(', ')}: ${named}`);
	const side = values['unhedged-side'];
	if (side !== 'long' && side !== 'short') throw new Error(`--unhedged-side is long or short: ${side}`);
	return {
		help: values.help,
		file,
		synthetic: file === undefined,
		underlying,
		asset: named,
		side,
		blocksPerBar: Math.ceil(number(values['blocks-per-bar'], 'blocks-per-bar', 3, 1)),
		blockMove: number(values['block-move'], 'block-move', 4, 0.1),
		blockTime: number(values['block-time'], 'block-time', 1000, 100),
		notional: Math.ceil(number(values.notional, 'notional', 60_000, 1000)),
		node: values.node,
		priceArgs: [
			...(file ? ['--prices', file, '--min-fall', '15', '--max-bars', '40'] : []),
			...(side === 'short' ? ['--rise'] : []),
			...(values.from ? ['--from', values.from] : []),
			...(values.to ? ['--to', values.to] : []),
			'--underlying', String(underlying),
		],
	};
}
