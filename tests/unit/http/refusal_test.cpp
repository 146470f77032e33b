#include <sake/http/refusal.hpp>

#include "../../support/catch.hpp"

#include <sake/http/fields.hpp>
#include <sake/http/status.hpp>

using namespace sake::http;

TEST_CASE("every refusal has a registered status and one line that names the rule",
          "[http][refusal]") {
  namespace r = refusals;
  const refusal* const all[] = {
      &r::bare_line_feed,
      &r::bare_carriage_return,
      &r::empty_lines,
      &r::folded_field,
      &r::bad_start,
      &r::bad_method,
      &r::bad_version,
      &r::unsupported_version,
      &r::request_line_too_long,
      &r::bad_target,
      &r::bad_target_octet,
      &r::bad_percent_encoding,
      &r::encoded_nul,
      &r::userinfo,
      &r::bad_authority,
      &r::asterisk_form,
      &r::authority_form,
      &r::bad_field_name,
      &r::bad_field_value,
      &r::field_section_too_large,
      &r::too_many_fields,
      &r::missing_host,
      &r::repeated_host,
      &r::bad_host,
      &r::unknown_expectation,
      &r::bad_transfer_encoding,
      &r::transfer_encoding_in_1_0,
      &r::two_framings,
      &r::bad_content_length,
      &r::repeated_content_length,
      &r::content_too_large,
      &r::bad_chunk_line,
      &r::chunk_line_too_long,
      &r::bad_chunk_end,
      &r::bad_trailer,
      &r::late_head,
      &r::late_content,
      &r::too_many_connections,
  };
  for (const refusal* each : all) {
    CAPTURE(each->reason);
    CHECK(each->status >= 400);
    CHECK_FALSE(reason_phrase(each->status).empty());
    CHECK(is_field_value(each->reason));
    CHECK(each->reason.find("(RFC ") != std::string_view::npos);
    CHECK(each->reason.ends_with(')'));
    for (const refusal* other : all)
      CHECK((each == other || each->reason != other->reason));
  }
}
