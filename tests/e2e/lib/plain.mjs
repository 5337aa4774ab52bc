// Decoded chain values as plain JavaScript: integers as BigInt (negatives exact), structs as
// objects, enums as their name or { Name: value }, options as the value or null.
//
// polkadot.js's own `toJSON` turns negative 128-bit integers into two's-complement hex, and a
// struct's field called `size`, which its Map has too, is called `size_` there.

import { AbstractInt, Compact, Enum, Json, Null, Option, Raw, Result, Struct, Text, Tuple, bool } from '@polkadot/types-codec';

/**
 * @param {any} value a codec of `@polkadot/types`
 * @returns {any}
 */
export function plain(value) {
	if (value === null || value === undefined || value instanceof Null) return null;
	if (value instanceof Option) return value.isSome ? plain(value.unwrap()) : null;
	if (value instanceof Compact) return plain(value.unwrap());
	if (value instanceof AbstractInt) return value.toBigInt();
	if (value instanceof bool) return value.isTrue;
	if (value instanceof Text) return value.toString();
	if (value instanceof Result) return { [value.type]: plain(value.inner) };
	if (value instanceof Enum) return value.isBasic || value.inner instanceof Null ? value.type : { [value.type]: plain(value.inner) };
	if (value instanceof Struct && !(value instanceof Json)) {
		return Object.fromEntries([...value.entries()].map(([name, field]) => [String(name).replace(/_$/, ''), plain(field)]));
	}
	if (value instanceof Raw) return value.toRawType?.() === 'AccountId' ? value.toString() : value.toHex();
	if (value instanceof Tuple || Array.isArray(value)) return [...value].map(plain);
	return value.toHuman();
}
