//! What `ShellCheck` finds in shell text.

use crate::lint::rule::Rule;

mod ampersand_redirection_in_sh;
mod and_or_within_test;
mod append_assignment_in_sh;
mod array_in_sh;
mod array_reference_in_sh;
mod backticks;
mod bash_builtin_in_sh;
mod bash_variable_in_sh;
mod brace_expansion_in_sh;
mod case_modification_in_sh;
mod declaration_hides_status;
mod dollar_single_quotes_in_sh;
mod double_brackets_in_sh;
mod double_equals_in_sh;
mod echo_option_in_sh;
mod echo_with_escapes;
mod expansion_in_single_quotes;
mod file_substitution_in_sh;
mod find_without_null;
mod flow;
mod glob_may_become_option;
mod here_string_in_sh;
mod indirect_expansion_in_sh;
mod local_in_sh;
mod loop_over_ls;
mod mode_of_deepest_only;
mod names;
mod process_substitution_in_sh;
mod read_without_r;
mod redirection_order;
mod remove_below_empty_variable;
mod repeated_character_in_range;
mod scripts;
mod set_option_in_sh;
mod source_in_sh;
mod status_looked_at_later;
mod string_replacement_in_sh;
mod substring_expansion_in_sh;
mod unchecked_cd;
mod unquoted_arguments;
mod unquoted_find_pattern;
mod unquoted_star;
mod unquoted_substitution;
mod unquoted_test_of_length;
mod unquoted_variable;
mod variable_never_assigned;

/// By code.
pub(super) const RULES: &[&Rule] = &[
    &backticks::RULE,
    &expansion_in_single_quotes::RULE,
    &echo_with_escapes::RULE,
    &glob_may_become_option::RULE,
    &find_without_null::RULE,
    &loop_over_ls::RULE,
    &unquoted_substitution::RULE,
    &unquoted_star::RULE,
    &unquoted_find_pattern::RULE,
    &unquoted_arguments::RULE,
    &redirection_order::RULE,
    &unquoted_test_of_length::RULE,
    &unquoted_variable::RULE,
    &repeated_character_in_range::RULE,
    &remove_below_empty_variable::RULE,
    &variable_never_assigned::RULE,
    &declaration_hides_status::RULE,
    &read_without_r::RULE,
    &unchecked_cd::RULE,
    &and_or_within_test::RULE,
    &mode_of_deepest_only::RULE,
    &status_looked_at_later::RULE,
    &process_substitution_in_sh::RULE,
    &dollar_single_quotes_in_sh::RULE,
    &brace_expansion_in_sh::RULE,
    &double_brackets_in_sh::RULE,
    &here_string_in_sh::RULE,
    &double_equals_in_sh::RULE,
    &ampersand_redirection_in_sh::RULE,
    &append_assignment_in_sh::RULE,
    &bash_variable_in_sh::RULE,
    &array_in_sh::RULE,
    &file_substitution_in_sh::RULE,
    &echo_option_in_sh::RULE,
    &set_option_in_sh::RULE,
    &local_in_sh::RULE,
    &bash_builtin_in_sh::RULE,
    &source_in_sh::RULE,
    &indirect_expansion_in_sh::RULE,
    &array_reference_in_sh::RULE,
    &substring_expansion_in_sh::RULE,
    &case_modification_in_sh::RULE,
    &string_replacement_in_sh::RULE,
];
