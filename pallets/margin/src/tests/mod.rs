//! One file per call or topic. Every test ends with all promises checked, see
//! [`ExtBuilder`](crate::mock::ExtBuilder).

mod clear;
mod conservation;
mod contribute_insurance;
mod delegates;
mod deposit;
mod exchange;
mod fees;
mod funding;
mod genesis;
mod halts;
mod health;
mod joint;
mod loss_sharing;
mod matching;
mod open_orders;
mod report;
mod seed;
mod set_risk_model;
mod settlement;
mod trade_at_mark;
mod trading_fees;
mod transfer_slice;
mod volume;
mod withdraw;
