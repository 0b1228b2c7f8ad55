//! Single instructions: their forms, their number, their place.

use crate::lint::rule::Rule;

mod broken_expansion;
mod cmd_replaced;
mod entrypoint_replaced;
mod env_refers_to_itself;
mod exposed_ports;
mod healthcheck_flag_odd;
mod healthcheck_missing;
mod healthcheck_replaced;
mod host_port_exposed;
mod invalid_port;
mod last_user_root;
mod legacy_key_value;
mod maintainer;
mod onbuild_not_allowed;
mod port_exposed_twice;
mod protocol_in_capitals;
mod replaced;
mod shell_form;
mod shipped;
mod stopsignal_no_signal;
mod undefined_variable;
mod user_not_numeric;
mod workdir_not_absolute;

/// By code.
pub(super) const RULES: &[&Rule] = &[
    &workdir_not_absolute::RULE,
    &last_user_root::RULE,
    &invalid_port::RULE,
    &healthcheck_replaced::RULE,
    &shell_form::RULE,
    &onbuild_not_allowed::RULE,
    &env_refers_to_itself::RULE,
    &healthcheck_missing::RULE,
    &user_not_numeric::RULE,
    &maintainer::RULE,
    &cmd_replaced::RULE,
    &entrypoint_replaced::RULE,
    &stopsignal_no_signal::RULE,
    &healthcheck_flag_odd::RULE,
    &port_exposed_twice::RULE,
    &broken_expansion::RULE,
    &host_port_exposed::RULE,
    &protocol_in_capitals::RULE,
    &legacy_key_value::RULE,
    &undefined_variable::RULE,
];
