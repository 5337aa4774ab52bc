// Bars of prices: read from a CSV, cut to a window, or made up where there is no file.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/**
 * One bar. `time` is its opening, in ms since the epoch; prices are USD per unit.
 * @typedef {{ time: number, open: number, high: number, low: number, close: number }} Bar
 */

/**
 * A stretch of bars chosen for replay, with those before it, from which volatility is estimated.
 * @typedef {{ bars: Bar[], history: Bar[], interval: number, fall: number, rise: number }} Window
 */

const TIME_COLUMNS = ['timestamp', 'timestamp_utc', 'time', 'datetime', 'date', 'open_time', 'opentime', 'unix'];
const HEADER_SEARCH_LINES = 5;

/**
 * A moment in any of the forms found in such files: ISO 8601, "YYYY-MM-DD HH:MM:SS" (UTC), or Unix
 * seconds, milliseconds or microseconds.
 * @param {string} text
 * @returns {number} ms since the epoch, NaN where it is none
 */
export function parseTime(text) {
	const value = text.trim();
	if (/^\d+(\.\d+)?$/.test(value)) {
		const number = Number(value);
		if (number > 1e14) return Math.round(number / 1000);
		return number > 1e11 ? Math.round(number) : Math.round(number * 1000);
	}
	const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$/i.exec(value);
	if (!match) return NaN;
	const zone = !match[3] || /^(z|utc)$/i.test(match[3]) ? 'Z' : match[3].replace(/^(.\d{2})(\d{2})$/, '$1:$2');
	return Date.parse(`${match[1]}T${match[2] ?? '00:00'}${zone}`);
}

/** @param {string} line */
function split(line) {
	const separator = line.includes(';') && !line.includes(',') ? ';' : line.includes('\t') ? '\t' : ',';
	return line.split(separator).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
}

/**
 * Which column holds what, from a header line; `undefined` where the line is none.
 * @param {string[]} cells
 */
function columns(cells) {
	const names = cells.map((cell) => cell.toLowerCase().replace(/^\uFEFF/, ''));
	const find = (/** @type {string[]} */ wanted) => names.findIndex((name) => wanted.includes(name));
	const close = find(['close', 'price', 'close_price']);
	const time = find(TIME_COLUMNS);
	if (close < 0 || time < 0) return undefined;
	return { time, open: find(['open']), high: find(['high']), low: find(['low']), close };
}

/**
 * Bars from CSV text, oldest first. The header's names decide which column is which; a file without
 * one is taken as time, open, high, low, close. A bar whose open, high or low is missing has its
 * close there.
 * @param {string} text
 * @returns {Bar[]}
 */
export function parseBars(text) {
	const lines = text.split(/\r?\n/);
	let layout;
	let first = 0;
	for (let i = 0; i < Math.min(HEADER_SEARCH_LINES, lines.length) && !layout; i += 1) {
		layout = columns(split(lines[i]));
		if (layout) first = i + 1;
	}
	layout ??= { time: 0, open: 1, high: 2, low: 3, close: 4 };

	/** @type {Bar[]} */
	const bars = [];
	for (let i = first; i < lines.length; i += 1) {
		if (lines[i].trim() === '' || lines[i].startsWith('#')) continue;
		bars.push(parseBar(split(lines[i]), layout, i + 1));
	}
	if (bars.length < 2) throw new Error('the price file holds fewer than two bars');
	bars.sort((a, b) => a.time - b.time);
	return bars.filter((bar, i) => i === 0 || bar.time !== bars[i - 1].time);
}

/**
 * @param {string[]} cells
 * @param {{ time: number, open: number, high: number, low: number, close: number }} layout
 * @param {number} line
 * @returns {Bar}
 */
function parseBar(cells, layout, line) {
	const time = parseTime(cells[layout.time] ?? '');
	if (Number.isNaN(time)) throw new Error(`line ${line} of the price file has no readable time`);
	const close = Number(cells[layout.close] || NaN);
	const read = (/** @type {number} */ column) => {
		const cell = column >= 0 ? cells[column] : undefined;
		return cell === undefined || cell === '' ? close : Number(cell);
	};
	const [open, high, low] = [read(layout.open), read(layout.high), read(layout.low)];
	const all = [open, high, low, close];
	if (all.some((price) => !Number.isFinite(price) || price <= 0)) {
		throw new Error(`line ${line} of the price file has a price that is not a positive number`);
	}
	return { time, open, high: Math.max(...all), low: Math.min(...all), close };
}

/**
 * Bars from a file, compressed with gzip or not.
 * @param {string} path
 */
export function readBars(path) {
	const bytes = readFileSync(path);
	const compressed = bytes.length > 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
	return parseBars((compressed ? gunzipSync(bytes) : bytes).toString('utf8'));
}

/**
 * The most common distance between neighbours, in ms.
 * @param {Bar[]} bars
 */
export function interval(bars) {
	/** @type {Map<number, number>} */
	const counts = new Map();
	for (let i = 1; i < bars.length; i += 1) {
		const gap = bars[i].time - bars[i - 1].time;
		counts.set(gap, (counts.get(gap) ?? 0) + 1);
	}
	return [...counts.entries()].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0]?.[0] ?? 3_600_000;
}

/**
 * The largest fall from one close to a later one at most `span` bars away.
 * @param {Bar[]} bars
 * @param {number} span
 * @returns {{ start: number, end: number, fall: number }} indices, and the fall as a fraction
 */
export function largestFall(bars, span) {
	let best = { start: 0, end: Math.min(span, bars.length - 1), fall: 0 };
	/** @type {number[]} indices within the span whose closes descend: the first is its highest */
	const highest = [];
	for (let end = 0; end < bars.length; end += 1) {
		while (highest.length > 0 && highest[0] < end - span) highest.shift();
		if (highest.length > 0) {
			const fall = 1 - bars[end].close / bars[highest[0]].close;
			if (fall > best.fall) best = { start: highest[0], end, fall };
		}
		while (highest.length > 0 && bars[highest[highest.length - 1]].close <= bars[end].close) highest.pop();
		highest.push(end);
	}
	return best;
}

/**
 * Bars turned upside down around a price: their rises are falls and the other way round.
 * @param {Bar[]} bars
 * @param {number} around
 * @returns {Bar[]}
 */
export function inverted(bars, around) {
	const turn = (/** @type {number} */ price) => (around * around) / price;
	return bars.map((bar) => ({
		time: bar.time, open: turn(bar.open), high: turn(bar.low), low: turn(bar.high), close: turn(bar.close),
	}));
}

/**
 * Neighbouring bars put together, so that no more than `most` are left.
 * @param {Bar[]} bars
 * @param {number} most
 * @returns {Bar[]}
 */
export function merged(bars, most) {
	const each = Math.ceil(bars.length / most);
	if (each <= 1) return bars;
	/** @type {Bar[]} */
	const result = [];
	for (let i = 0; i < bars.length; i += each) {
		const group = bars.slice(i, i + each);
		result.push({
			time: group[0].time,
			open: group[0].open,
			high: Math.max(...group.map((bar) => bar.high)),
			low: Math.min(...group.map((bar) => bar.low)),
			close: group[group.length - 1].close,
		});
	}
	return result;
}

/**
 * The largest fall within `span` bars; where that is less than `minFall`, within twice as many, and
 * so on up to all of them.
 * @param {Bar[]} bars
 * @param {number} span
 * @param {number} minFall a fraction
 */
function fallOfAtLeast(bars, span, minFall) {
	let found = largestFall(bars, span);
	for (let wider = span; found.fall < minFall && wider < bars.length;) {
		wider *= 2;
		found = largestFall(bars, wider);
	}
	return found;
}

/**
 * The part of `bars` to replay: between two moments where they are given, else the largest fall
 * (or rise) within `span` bars with a little before and after it.
 * @param {Bar[]} bars
 * @param {object} [options]
 * @param {number} [options.from]
 * @param {number} [options.to]
 * @param {number} [options.span]
 * @param {number} [options.lead] bars before the move
 * @param {number} [options.tail] bars after it
 * @param {number} [options.minFall] take more bars than `span` where the fall would be less, a
 *   fraction
 * @param {number} [options.maxBars] put neighbours together where there would be more
 * @param {boolean} [options.rise] look for the largest rise instead
 * @returns {Window}
 */
export function chooseWindow(bars, { from, to, span = 24, lead = 2, tail = 2, minFall = 0, maxBars = Infinity, rise = false } = {}) {
	let start;
	let end;
	if (from !== undefined || to !== undefined) {
		start = bars.findIndex((bar) => bar.time >= (from ?? -Infinity));
		end = bars.length - 1;
		while (end >= 0 && bars[end].time > (to ?? Infinity)) end -= 1;
		if (start < 0 || end <= start) throw new Error('fewer than two bars lie between --from and --to');
	} else {
		const found = fallOfAtLeast(rise ? inverted(bars, bars[0].open) : bars, span, minFall);
		start = Math.max(0, found.start - lead);
		end = Math.min(bars.length - 1, found.end + tail);
	}
	const chosen = merged(bars.slice(start, end + 1), maxBars);
	return { ...described(chosen), history: bars.slice(Math.max(0, start - 168), start), interval: interval(bars) };
}

/** @param {Bar[]} chosen */
function described(chosen) {
	const fall = largestFall(chosen, chosen.length).fall;
	// A rise by r turned upside down is a fall by 1 - 1 / (1 + r).
	const turned = largestFall(inverted(chosen, chosen[0].open), chosen.length).fall;
	return { bars: chosen, fall, rise: 1 / (1 - turned) - 1 };
}

/**
 * A made-up crash for where there is no file: hourly bars, two days of small moves, then a fall of
 * 35 % within ten bars and a small rebound. The same each time.
 * @param {number} [price] where it starts
 * @param {boolean} [rise] turned upside down
 * @returns {Window}
 */
export function syntheticCrash(price = 3000, rise = false) {
	let seed = 20_261_122;
	const random = () => {
		// A linear congruential generator (Numerical Recipes): it must repeat, not surprise.
		seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
		return seed / 2 ** 32 - 0.5;
	};
	const falls = [-0.01, -0.015, -0.03, -0.05, -0.08, -0.06, -0.09, -0.05, -0.04, -0.02, 0.01, 0.03, 0.01];
	const calm = 48;
	const start = Date.UTC(2026, 0, 1);
	/** @type {Bar[]} */
	const bars = [];
	let last = price;
	for (let i = 0; i < calm + falls.length; i += 1) {
		const move = i < calm ? random() * 0.012 : falls[i - calm];
		const close = last * (1 + move);
		const wick = Math.abs(move) * 0.2 + 0.001;
		bars.push({
			time: start + i * 3_600_000,
			open: last,
			high: Math.max(last, close) * (1 + wick),
			low: Math.min(last, close) * (1 - wick),
			close,
		});
		last = close;
	}
	const lead = 2;
	const all = rise ? inverted(bars, price) : bars;
	return { ...described(all.slice(calm - lead)), history: all.slice(0, calm - lead), interval: 3_600_000 };
}
