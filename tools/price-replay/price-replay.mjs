#!/usr/bin/env node
// A local price server that replays bars. See README.md.

import { parseArgs } from 'node:util';
import { chooseWindow, parseTime, readBars, syntheticCrash } from './lib/bars.mjs';
import { Replay, UNDERLYINGS } from './lib/replay.mjs';
import { serve } from './lib/server.mjs';

const USAGE = `Usage: price-replay [options]

  --port N          listen on 127.0.0.1:N (8787)
  --prices FILE     CSV of bars, gzip or plain; without it, a synthetic crash
  --underlying N    what the bars are of: 0 BTC, 1 ETH, 2 DOT (1)
  --from T, --to T  replay the bars between two moments (UTC); without them, the largest fall
  --window N        how many bars the largest fall may last (24)
  --min-fall P      let it last longer where it would be less than P per cent (0)
  --max-bars N      put neighbouring bars together where there would be more than N
  --rise            look for the largest rise instead; the synthetic crash turned upside down
  --beta N=B,...    how the others follow: price ∝ (replayed price)^B (1 each; 0: constant)
  --rate R          flat interest rate per year behind the forwards (0.04)
  --speed S         bars a second (0: only when told by POST /control {"advance":1})
  --verbose         print each request
`;

/** @param {string | undefined} text @param {string} name @returns {number | undefined} */
function number(text, name) {
	if (text === undefined) return undefined;
	const value = Number(text);
	if (text.trim() === '' || !Number.isFinite(value)) throw new Error(`--${name} is not a number: ${text}`);
	return value;
}

/** @param {string | undefined} text @param {string} name @returns {number | undefined} */
function moment(text, name) {
	if (text === undefined) return undefined;
	const value = parseTime(text);
	if (Number.isNaN(value)) throw new Error(`--${name} is not a moment: ${text}`);
	return value;
}

/** @param {string | undefined} text @returns {Record<number, number>} */
function betas(text) {
	return Object.fromEntries(
		(text ?? '').split(',').filter((part) => part !== '').map((part) => {
			const [underlying, beta] = part.split('=');
			return [number(underlying, 'beta'), number(beta ?? '', 'beta')];
		}),
	);
}

async function main() {
	const { values } = parseArgs({
		options: {
			port: { type: 'string' },
			prices: { type: 'string' },
			underlying: { type: 'string' },
			from: { type: 'string' },
			to: { type: 'string' },
			window: { type: 'string' },
			'min-fall': { type: 'string' },
			'max-bars': { type: 'string' },
			rise: { type: 'boolean', default: false },
			beta: { type: 'string' },
			rate: { type: 'string' },
			speed: { type: 'string' },
			verbose: { type: 'boolean', default: false },
			help: { type: 'boolean', default: false },
		},
	});
	if (values.help) {
		process.stdout.write(USAGE);
		return;
	}
	const underlying = number(values.underlying, 'underlying') ?? 1;
	const start = UNDERLYINGS.find((one) => one.id === underlying)?.start;
	const window = values.prices
		? chooseWindow(readBars(values.prices), {
			from: moment(values.from, 'from'),
			to: moment(values.to, 'to'),
			span: number(values.window, 'window'),
			minFall: (number(values['min-fall'], 'min-fall') ?? 0) / 100,
			maxBars: number(values['max-bars'], 'max-bars'),
			rise: values.rise,
		})
		: syntheticCrash(start, values.rise);
	const replay = new Replay(window, {
		underlying,
		betas: betas(values.beta),
		rate: number(values.rate, 'rate'),
	});
	const server = await serve(replay, {
		port: number(values.port, 'port') ?? 8787,
		speed: number(values.speed, 'speed') ?? 0,
		log: values.verbose ? (line) => console.log(line) : undefined,
	});
	const first = new Date(window.bars[0].time).toISOString().slice(0, 16);
	const source = values.prices ?? 'a synthetic crash';
	console.log(`${window.bars.length} bars of ${source} from ${first}, largest fall ${(window.fall * 100).toFixed(1)} %, largest rise ${(window.rise * 100).toFixed(1)} %`);
	for (const { id, name } of UNDERLYINGS.filter((one) => one.id !== replay.underlying)) {
		const beta = replay.betas[id] ?? 1;
		console.log(beta === 0 ? `${name} stays constant` : `${name} follows with a beta of ${beta}`);
	}
	console.log(`listening on http://127.0.0.1:${server.port}`);
	for (const signal of ['SIGINT', 'SIGTERM']) {
		process.once(signal, () => server.close().then(() => process.exit(0)));
	}
}

main().catch((error) => {
	console.error(error.message);
	process.exitCode = 1;
});
