import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cash, ceilDiv, ceilTo, exact, floorDiv, floorTo, parse, rounded, table, usd } from '../lib/format.mjs';

test('scaled integers are written exactly, negatives too', () => {
	assert.equal(exact(1n), '0.000000000000000001');
	assert.equal(exact(-1_500_000_000_000_000_000n), '-1.5');
	assert.equal(exact(0n), '0');
	assert.equal(exact(-(10n ** 18n)), '-1');
	assert.equal(exact(-(2n ** 127n)), '-170141183460469231731.687303715884105728');
	assert.equal(exact(1_234_567n, 6), '1.234567');
});

test('text becomes a scaled integer and back', () => {
	for (const text of ['0', '-0.3', '64000.1', '0.000000000000000001', '-123456789.5']) assert.equal(exact(parse(text)), text);
	assert.equal(parse('1.5', 6), 1_500_000n);
	for (const bad of ['', '1e5', '.5', '5.', '+1', '1.2.3', '0x10']) assert.throws(() => parse(bad), /not a decimal/, bad);
	assert.throws(() => parse('0.1234567', 6), /more than 6/);
});

test('numbers to be read are rounded half away from zero and grouped', () => {
	assert.equal(usd(parse('1234567.885')), '1,234,567.89');
	assert.equal(usd(parse('-1234.005')), '-1,234.01');
	assert.equal(usd(-1n), '0.00');
	assert.equal(cash(999_999n), '1.00');
	assert.equal(rounded(parse('999.9'), 0), '1,000');
});

test('multiples are found on both sides of zero', () => {
	assert.equal(floorTo(7n, 5n), 5n);
	assert.equal(floorTo(-7n, 5n), -10n);
	assert.equal(ceilTo(7n, 5n), 10n);
	assert.equal(ceilTo(-7n, 5n), -5n);
	assert.equal(ceilTo(10n, 5n), 10n);
	assert.deepEqual([7n, -7n, 10n, -10n].map((value) => floorDiv(value, 5n)), [1n, -2n, 2n, -2n]);
	assert.deepEqual([7n, -7n, 10n, -10n].map((value) => ceilDiv(value, 5n)), [2n, -1n, 2n, -2n]);
});

test('table aligns its columns', () => {
	assert.equal(table(['a', 'number'], [['long name', '1'], ['b', '22']]), ['a          number', '---------  ------', 'long name       1', 'b              22'].join('\n'));
});
