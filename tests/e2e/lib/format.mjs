// Numbers as the chain keeps them, to and from text. All exact: no floating point.

/** Decimals of prices, USD values, contracts and rates at the chain's boundary. */
export const DECIMALS = 18;
/** Decimals of the settlement asset. */
export const CASH_DECIMALS = 6;

/**
 * A scaled integer as text, exact, without trailing zeros.
 * @param {bigint} value may be negative
 * @param {number} [decimals]
 */
export function exact(value, decimals = DECIMALS) {
	const negative = value < 0n;
	const digits = (negative ? -value : value).toString().padStart(decimals + 1, '0');
	const whole = digits.slice(0, digits.length - decimals);
	const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
	return `${negative ? '-' : ''}${whole}${fraction ? `.${fraction}` : ''}`;
}

/**
 * A scaled integer as text with thousands separated and a fixed number of places, rounded half away
 * from zero: to be read, not to be computed with.
 * @param {bigint} value
 * @param {number} [places]
 * @param {number} [decimals]
 */
export function rounded(value, places = 2, decimals = DECIMALS) {
	const unit = 10n ** BigInt(decimals - places);
	const magnitude = ((value < 0n ? -value : value) + unit / 2n) / unit;
	const [whole, fraction] = exact(magnitude, places).split('.');
	const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
	const sign = value < 0n && magnitude !== 0n ? '-' : '';
	return `${sign}${grouped}${places > 0 ? `.${(fraction ?? '').padEnd(places, '0')}` : ''}`;
}

/** @param {bigint} value USD, 18 decimals */
export function usd(value) {
	return rounded(value, 2);
}

/** @param {bigint} units of the settlement asset */
export function cash(units) {
	return rounded(units, 2, CASH_DECIMALS);
}

/**
 * Text as a scaled integer.
 * @param {string | number | bigint} text decimal, optionally negative; no exponent
 * @param {number} [decimals]
 * @returns {bigint}
 */
export function parse(text, decimals = DECIMALS) {
	const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(text));
	if (!match) throw new Error(`not a decimal number: ${text}`);
	const fraction = match[3] ?? '';
	if (fraction.length > decimals) throw new Error(`more than ${decimals} decimals: ${text}`);
	const magnitude = BigInt(match[2] + fraction.padEnd(decimals, '0'));
	return match[1] ? -magnitude : magnitude;
}

/**
 * The multiple of `step` at or below a value.
 * @param {bigint} value
 * @param {bigint} step above zero
 */
export function floorTo(value, step) {
	const remainder = ((value % step) + step) % step;
	return value - remainder;
}

/** @param {bigint} value @param {bigint} step */
export function ceilTo(value, step) {
	return -floorTo(-value, step);
}

/** The quotient, rounded down whatever its sign. @param {bigint} value @param {bigint} by above zero */
export function floorDiv(value, by) {
	return floorTo(value, by) / by;
}

/** The quotient, rounded up whatever its sign. @param {bigint} value @param {bigint} by above zero */
export function ceilDiv(value, by) {
	return ceilTo(value, by) / by;
}

/**
 * A table as text: columns as wide as their widest cell, numbers to the right.
 * @param {string[]} header
 * @param {string[][]} rows
 */
export function table(header, rows) {
	const widths = header.map((cell, i) => Math.max(cell.length, ...rows.map((row) => (row[i] ?? '').length)));
	const line = (/** @type {string[]} */ cells) =>
		cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ').trimEnd();
	return [line(header), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
