mod book;
mod index;
mod lifetimes;
mod matching;
mod properties;
mod reads;
mod reference;
mod self_trade;
