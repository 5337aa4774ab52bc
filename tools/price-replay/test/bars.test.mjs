import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseWindow, interval, inverted, largestFall, merged, parseBars, parseTime, syntheticCrash } from '../lib/bars.mjs';

test('time is read when it is ISO, plain UTC or a Unix number', () => {
	const moment = Date.UTC(2024, 7, 5, 6);
	for (const text of ['2024-08-05T06:00:00Z', '2024-08-05 06:00:00', '2024-08-05T08:00:00+02:00', '2024-08-05 06:00:00+0000']) {
		assert.equal(parseTime(text), moment, text);
	}
	for (const text of [String(moment), String(moment / 1000), `${moment}000`]) assert.equal(parseTime(text), moment, text);
	assert.equal(parseTime('2024-08-05'), Date.UTC(2024, 7, 5));
	assert.ok(Number.isNaN(parseTime('soon')));
});

test('bars are read when the header varies', () => {
	const expected = [
		{ time: Date.UTC(2024, 0, 1), open: 1, high: 3, low: 0.5, close: 2 },
		{ time: Date.UTC(2024, 0, 1, 1), open: 2, high: 4, low: 1, close: 3 },
	];
	const files = [
		'timestamp_utc,open,high,low,close,volume\n2024-01-01T00:00:00Z,1,3,0.5,2,9\n2024-01-01T01:00:00Z,2,4,1,3,9\n',
		'https://example.org\nVolume;Close;Low;High;Open;Date\n9;3;1;4;2;2024-01-01 01:00:00\n9;2;0.5;3;1;2024-01-01 00:00:00',
		'1704067200,1,3,0.5,2\n1704070800,2,4,1,3\n',
	];
	for (const file of files) assert.deepEqual(parseBars(file), expected);
});

test('bars have their close everywhere when the file has nothing else', () => {
	const [bar] = parseBars('time,price\n2024-01-01,5\n2024-01-02,6\n');
	assert.deepEqual(bar, { time: Date.UTC(2024, 0, 1), open: 5, high: 5, low: 5, close: 5 });
});

test('bars are refused by line when a price or time is bad', () => {
	assert.throws(() => parseBars('time,price\n2024-01-01,5\n2024-01-02,-1\n'), /line 3 .*positive/);
	assert.throws(() => parseBars('time,price\n2024-01-01,5\nlater,1\n'), /line 3 .*time/);
	assert.throws(() => parseBars('time,price\n2024-01-01,\n'), /line 2 .*positive/);
	assert.throws(() => parseBars('time,price\n'), /fewer than two/);
});

/** @param {number[]} closes */
const series = (closes) => closes.map((close, i) => ({ time: i * 3_600_000, open: close, high: close, low: close, close }));

test('largest fall is found when it lies within the span', () => {
	assert.deepEqual(largestFall(series([10, 9, 12, 11, 6, 8, 3]), 2), { start: 5, end: 6, fall: 1 - 3 / 8 });
	assert.deepEqual(largestFall(series([10, 9, 12, 11, 6, 8, 3]), 4), { start: 2, end: 6, fall: 0.75 });
});

test('largest fall agrees with trying all pairs', () => {
	const closes = Array.from({ length: 200 }, (_, i) => 100 + 20 * Math.sin(i * 1.7) + 10 * Math.cos(i * 0.31));
	const bars = series(closes);
	for (const span of [1, 5, 24]) {
		let best = 0;
		for (let i = 0; i < 200; i += 1) {
			for (let j = i + 1; j <= Math.min(199, i + span); j += 1) best = Math.max(best, 1 - closes[j] / closes[i]);
		}
		assert.equal(largestFall(bars, span).fall, best);
	}
});

test('window follows dates when they are given', () => {
	const bars = series([1, 2, 3, 4, 5]);
	const chosen = chooseWindow(bars, { from: 3_600_000, to: 3 * 3_600_000 });
	assert.deepEqual(chosen.bars.map((bar) => bar.close), [2, 3, 4]);
	assert.deepEqual(chosen.history.map((bar) => bar.close), [1]);
	assert.throws(() => chooseWindow(bars, { from: 1e15 }), /--from and --to/);
	assert.equal(interval(bars), 3_600_000);
});

test('synthetic crash falls by a third and is the same each time', () => {
	const crash = syntheticCrash();
	assert.ok(crash.fall > 0.3 && crash.fall < 0.5, String(crash.fall));
	assert.deepEqual(syntheticCrash(), crash);
	for (const bar of crash.bars) assert.ok(bar.low <= Math.min(bar.open, bar.close) && bar.high >= Math.max(bar.open, bar.close));
});

test('window widens when the fall would be too small', () => {
	const bars = series([100, 99, 98, 97, 96, 95, 94, 93, 92, 91, 90]);
	const narrow = chooseWindow(bars, { span: 2, lead: 0, tail: 0 });
	assert.equal(narrow.bars.length, 3);
	const wide = chooseWindow(bars, { span: 2, lead: 0, tail: 0, minFall: 0.05 });
	assert.ok(wide.fall >= 0.05 && wide.bars.length > 3);
	const all = chooseWindow(bars, { span: 2, lead: 0, tail: 0, minFall: 0.5 });
	assert.equal(all.bars.length, bars.length);
});

test('window finds the largest rise when asked for it', () => {
	const { bars, rise } = chooseWindow(series([10, 5, 4, 8, 9, 3]), { span: 3, lead: 0, tail: 0, rise: true });
	assert.deepEqual(bars.map((bar) => bar.close), [4, 8, 9]);
	assert.ok(Math.abs(rise - 1.25) < 1e-12);
	const crash = syntheticCrash(3000, true);
	assert.ok(crash.rise > 0.4 && crash.fall < 0.1);
});

test('merged bars keep the extremes', () => {
	const bars = series([1, 2, 9, 4, 5, 3, 7]);
	const result = merged(bars, 3);
	assert.deepEqual(result.map(({ open, high, low, close }) => [open, high, low, close]), [[1, 9, 1, 9], [4, 5, 3, 3], [7, 7, 7, 7]]);
	assert.equal(merged(bars, 7), bars);
	assert.deepEqual(inverted(result, 3).map((bar) => bar.high), [9, 3, 9 / 7]);
});
