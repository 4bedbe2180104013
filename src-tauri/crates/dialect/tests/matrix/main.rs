//! Every client's dialect against every provider's, feature by feature, and the hard cases by name.
//!
//! The snapshots beside this file show each feature as the client asks for it, as the provider gets it, and the
//! answer as the client reads it, whole and streamed; see [`cell`] for what is asserted besides.
//!
//! # The hard cases
//!
//! Translation has broken other gateways in 42 known ways. Each has tests of its own; their names begin with
//! `case_` and the number. Those of `ask`, `sse`, `stream`, `fold`, `answer`, `usage`, `fault`, `envelope` and
//! `translate` are unit tests of this crate, those of `router` stand in `crates/router/tests/router`.
//! [`cases`] sees to it that the tests named here exist.
//!
//! | case | what must hold | tests, the telling ones first |
//! | --- | --- | --- |
//! | 1 | a tool's empty opening input is no argument | `the_empty_input_that_a_tool_opens_with_is_no_argument`, `input_that_comes_at_once_counts_if_no_piece_ever_comes`, `a_tool_without_arguments_has_an_empty_object`, `lax_hosts_send_the_whole_input_at_once_or_none` |
//! | 2 | calls are counted apart from blocks; a missing index is tolerated | `tool_calls_are_counted_apart_from_other_blocks`, `calls_are_known_by_index_else_by_id_else_by_being_open`, `hosts_that_number_every_call_zero`, `lax_hosts_get_their_tool_calls_too` |
//! | 3 | parallel calls: one message, and serial blocks | `interleaved_calls_become_blocks_one_after_the_other`, `calls_one_after_the_other_are_shown_as_they_come`, `several_calls_of_one_message_stay_in_one_turn`, `parallel_calls_are_one_message_and_thinking_is_left_out`, `calls_in_neighbouring_turns_are_one_message_so_that_results_can_follow` |
//! | 4 | results first, in call order, in one message; failures stay; orphans are refused | `results_of_parallel_calls_come_in_one_message_first_and_in_call_order`, `results_follow_their_calls_in_order_before_anything_else`, `results_follow_the_turn_that_called_in_the_order_of_its_calls`, `a_failed_tool_is_still_a_failure`, `the_model_sees_that_a_tool_failed`, `an_orphaned_result_is_the_callers_fault`, `a_result_without_its_call_is_the_callers_fault` |
//! | 5 | images in results | `images_in_results_stay_images`, `images_of_results_go_into_the_users_message_behind_them_and_are_told`, `an_image_of_a_result_gets_a_message_of_its_own_if_the_user_says_nothing` |
//! | 6 | empty and broken arguments | `arguments_are_an_object_whatever_the_model_wrote`, `missing_arguments_are_an_empty_object_and_broken_ones_stay`, `arguments_that_are_no_json_are_kept_as_text`, `arguments_come_through_as_the_model_wrote_them` |
//! | 7 | which tool, and how many at once | `tool_choice_and_parallel_calls`, `every_choice_is_written`, `every_tool_choice_is_read`, `every_way_to_choose_a_tool`, `a_ban_on_parallel_calls_is_written_and_the_default_is_not`, `a_model_that_cannot_be_forced_is_asked`, `allowed_tools_are_the_only_ones_on_offer` |
//! | 8 | system prompts in all forms and places | `leading_system_turns_become_the_system_prompt_in_order`, `a_system_turn_in_the_middle_keeps_its_place_and_is_marked`, `instructions_are_system_messages_in_their_places`, `the_system_prompt_may_be_a_string_or_blocks` |
//! | 9 | cache marks: untouched at home, silently gone elsewhere | `only_the_named_fields_change`, `cache_marks_are_dropped_without_a_word` |
//! | 10 | roles alternate, the user begins, nothing is empty | `neighbours_of_one_role_are_merged`, `the_first_and_the_last_message_are_always_the_users`, `blank_texts_and_empty_messages_are_not_sent`, `turns_that_say_nothing_are_left_out` |
//! | 11 | Anthropic's reasons for stopping | `anthropics_stop_reasons` |
//! | 12 | OpenAI's, streamed and whole alike | `reasons_for_stopping_are_the_same_with_and_without_a_stream` |
//! | 13 | the prompt with and without what was cached | `the_prompt_includes_what_was_cached`, `the_input_excludes_what_was_cached`, `a_responses_input_includes_what_was_cached`, `one_prompt_counts_the_same_in_both_dialects`, `text_calls_and_usage_survive_the_way_from_chat_and_back`, `text_calls_and_usage_survive_the_way_from_messages_and_back` |
//! | 14 | counts on a stream are cumulative | `counts_on_a_stream_replace_each_other_and_are_never_added`, `later_reports_replace_earlier_ones_and_are_never_added` |
//! | 15 | usage of chat streams: asked for, hidden, late or never | `usage_is_told_only_to_clients_that_asked_and_with_no_choice`, `usage_that_comes_late_is_in_the_last_event_and_early_usage_in_the_first_as_well`, `a_provider_that_never_tells_its_usage_is_told_of_as_unknown` |
//! | 16 | reasoning is a part of the output | `reasoning_is_a_part_of_the_completion`, `reasoning_left_out_of_the_completion_is_added_back`, `thinking_that_only_the_total_tells_of_is_output` |
//! | 17 | signed thinking stays at its provider | `thinking_of_another_provider_is_not_sent`, `reasoning_goes_to_no_other_provider`, `thinking_text_and_tools_as_anthropic_sends_them`, `thinking_that_this_provider_did_not_sign_is_left_out_once` (router) |
//! | 18 | tool loops whose thinking can't be given back | `a_tool_loop_that_began_elsewhere_goes_on_without_thinking`, `a_model_that_thinks_as_it_sees_fit_does_so_in_a_tool_loop_that_began_elsewhere`, `a_tool_loop_of_three_turns_keeps_its_order`, `reasoning_that_was_made_up_here_never_reaches_a_provider`, `a_turn_that_another_vendors_model_began_is_ended_without_thinking` (router) |
//! | 19 | limits on thinking, by model | `budgets_stay_between_the_smallest_and_max_tokens`, `newer_models_take_a_level`, `a_model_is_asked_for_a_level_that_it_has`, `levels_are_those_that_the_model_is_known_to_have`, `a_tool_that_must_be_called_leaves_no_thinking`, `thinking_leaves_no_sampling`, `models_that_take_tools_only_without_thinking_do_not_think` |
//! | 20 | one limit on the output, under the right name | `max_tokens_is_the_clients_else_the_models_else_a_default`, `exactly_one_limit_is_sent_under_the_name_that_the_model_knows`, `both_names_of_the_limit_are_read_and_the_newer_one_counts` |
//! | 21 | ranges of sampling, and models without it | `a_temperature_above_one_is_clamped_and_told`, `some_models_take_temperature_or_top_p_but_not_both`, `models_without_sampling_get_none_and_defaults_are_not_worth_a_word`, `sampling_is_sent_to_models_that_take_it_and_told_for_others` |
//! | 22 | fields without a word for them: told, or 422 where the answer would be another one | `fields_without_a_word_for_them_are_told_or_refused`, `what_changes_the_meaning_is_named_as_such`, `what_is_worth_a_word_is_told_unless_it_says_what_happens_anyway`, `bookkeeping_is_dropped_and_promises_are_told` |
//! | 23 | structured output is never silently nothing | `a_schema_becomes_native_structured_output`, `every_object_is_closed_wherever_it_stands`, `rules_that_the_grammar_refuses_move_into_the_description`, `an_older_model_answers_through_a_made_up_tool`, `a_json_object_is_asked_for_in_words`, `a_schema_of_the_messages_api_is_exact_where_openai_takes_it_so` |
//! | 24 | refusals are answers | `a_refusal_is_an_answer`, `a_refusal_is_text_with_its_own_stop_reason`, `a_refusal_is_an_answer_and_says_why_where_the_provider_does` |
//! | 25 | errors in the client's envelope | `our_own_readers_take_them_for_errors`, `every_shape_seen_in_the_field_gives_code_type_and_message`, `a_refusal_of_the_other_vendor_comes_in_the_clients_envelope` (router), `a_conversation_that_does_not_fit_is_told_so_that_the_clients_tool_shortens_it` (router) |
//! | 26 | a broken stream never looks finished | `an_error_in_the_stream_never_becomes_a_stop`, `a_stream_that_breaks_off_gives_no_body`, `the_last_event_of_a_broken_stream`, `a_response_that_breaks_off_is_a_failed_response`, `a_stream_that_breaks_is_never_a_finished_answer` (router) |
//! | 27 | failures under status 200 | `everything_else_with_status_200_is_a_problem`, `an_error_with_status_200_is_that_error`, `errors_in_every_shape`, `chat_deltas_that_say_nothing`, `a_stream_without_an_answer_gives_no_body` |
//! | 28 | pings and comments are no tokens | `message_events_that_say_nothing`, `pings_and_comments_are_nothing_to_the_client`, `a_silent_provider_is_told_by_heartbeats_until_the_idle_time` (router) |
//! | 29 | `[DONE]`, and hosts that never say it | `a_stream_that_ends_after_its_reason_for_stopping_ends_well`, `a_stream_that_ends_before_its_reason_for_stopping_was_cut_off`, `a_host_that_never_says_done_has_answered_all_the_same` (router) |
//! | 30 | what comes behind the end | `what_comes_behind_the_end_is_ignored` |
//! | 31 | framing of events | `line_feeds_carriage_returns_and_both_end_lines`, `fields_are_read_as_the_standard_says`, `a_byte_order_mark_is_skipped_at_the_start_only`, `the_last_event_needs_no_blank_line`, `an_event_over_the_cap_is_an_error_and_stays_one` |
//! | 32 | characters over the edge of a chunk | `no_byte_is_lost_and_no_cut_changes_a_frame`, `a_stream_may_be_cut_anywhere`, `a_response_that_is_cut_within_a_character_is_the_same`, `half_a_character_from_a_javascript_client_does_no_harm` |
//! | 33 | lax hosts | `empty_reasons_missing_fields_and_numbers_as_text`, `azure_names_itself_only_in_its_second_chunk`, `lax_hosts_are_understood`, `answers_with_little_in_them_are_answers` |
//! | 34 | images by bytes and by address | `images_are_native_by_bytes_and_by_address`, `images_are_data_or_addresses_between_the_texts`, `images_come_as_data_or_by_address`, `a_model_without_eyes_is_not_asked_about_images` |
//! | 35 | documents, and files that live at one provider | `documents_are_native_by_bytes_by_address_and_as_text`, `documents_are_files_or_text`, `documents_that_cannot_be_sent_are_refused_with_the_reason`, `files_that_live_at_one_provider_are_refused` |
//! | 36 | counting tokens | `tokens_are_counted_by_who_can_and_estimated_where_nobody_can` (router) |
//! | 37 | a vendor's headers are that vendor's | `a_vendors_headers_go_to_that_vendor_only` (router) |
//! | 38 | stop texts | `stop_is_a_text_or_a_list_of_texts`, `blank_stop_sequences_are_dropped_and_told`, `four_stop_texts_are_sent_and_more_are_told`, `the_stop_text_that_fired_is_told_if_the_client_asked_for_it` |
//! | 39 | what the Responses API keeps at its provider | `state_names_what_only_one_provider_knows`, `an_item_of_a_translated_answer_is_not_asked_of_a_provider_that_never_made_it`, `what_lies_at_one_provider_is_not_answered_without_it`, `lifecycle_events_are_no_tokens`, `a_conversation_kept_by_one_provider_is_not_taken_up_by_another` (router) |
//! | 40 | Gemini's signatures, as far as its OpenAI dialect has them; its own dialect isn't spoken here | `geminis_thought_signature_stays_with_its_call` |
//! | 41 | one id, and the model that served | `one_id_for_all_chunks_and_the_model_that_served` |
//! | 42 | each attempt from the client's own body | `each_attempt_begins_with_the_clients_own_body` (router) |

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod cases;
mod cell;
mod ends;
mod errors;
mod forms;
mod laws;
mod losses;
mod media;
mod provider;
mod settings;
mod show;
mod tools;
mod words;
