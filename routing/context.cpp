#include "context.hpp"

#include "../http/status.hpp"
#include "request_facts.hpp"
#include "response_fields.hpp"
#include "streams.hpp"

#include <new>
#include <stdexcept>
#include <utility>

namespace sake {

// -- the log -----------------------------------------------------------------------

std::vector<log_field> context::facts(std::initializer_list<log_field> given) const noexcept {
  try {
    std::vector<log_field> all{given};
    routing::add_request_facts(all, request_, chain_.route().name, chain_.own_request_id());
    return all;
  } catch (const std::bad_alloc&) {
    return {};
  }
}

void context::log(log_level level, std::string_view text,
                  std::initializer_list<log_field> facts) const noexcept {
  if (logs(level))
    sake::log(level, text, this->facts(facts));
}

// -- the request ------------------------------------------------------------------

std::string_view context::default_query(std::string_view name, std::string_view otherwise) const {
  if (request_.query().empty())
    return otherwise;
  if (!query_)
    query_ = http::parse_query(request_.query());
  for (const auto& parameter : *query_)
    if (parameter.name == name)
      return parameter.value;
  return otherwise;
}

std::vector<std::string_view> context::query_array(std::string_view name) const {
  std::vector<std::string_view> values;
  (void)default_query(name, {});
  if (query_)
    for (const auto& parameter : *query_)
      if (parameter.name == name)
        values.push_back(parameter.value);
  return values;
}

void context::check_content() const {
  if (!request_.content().empty() || chain_.awaits_content())
    throw std::logic_error("a middleware reads the content before it is there; register it with "
                           "use(sake::reads_content(...))");
}

std::string context::take_body() {
  const auto content = body();
  if (request_.is_shared())
    return std::string{content};
  return std::exchange(request_.data().content, {});
}

void context::refuse_json(const http::json_error& error) {
  string(400, error.refusal());
  abort();
}

// -- the response -----------------------------------------------------------------

context& context::status(int code) {
  response_.status(code);
  return *this;
}

context& context::set_header(std::string_view name, std::string_view value) {
  response_.set_header(name, value);
  return *this;
}

context& context::add_header(std::string_view name, std::string_view value) {
  response_.add_header(name, value);
  return *this;
}

// The text may be a view of the response.
void context::answer(int code, std::string_view content_type_line, std::string_view text) {
  response_.status(code).content(text).content_type_line(content_type_line);
  state_.answered = true;
}

void context::string(int code, std::string_view text) {
  answer(code, http::content_types::text, text);
}

void context::html(int code, std::string_view text) {
  answer(code, http::content_types::html, text);
}

void context::data(int code, std::string_view content_type, std::string octets) {
  answer_as(code, content_type);
  response_.content(std::move(octets));
}

void context::data(int code, std::string_view content_type, http::kept_octets octets) {
  answer_as(code, content_type);
  response_.content(std::move(octets));
}

void context::answer_as(int code, std::string_view content_type) {
  response_.status(code);
  if (content_type.empty())
    response_.remove_header("Content-Type");
  else
    response_.set_header("Content-Type", content_type);
  state_.answered = true;
}

void context::json(int code, std::initializer_list<http::json_member> members) {
  routing::detail::json_answer answer{response_, code};
  http::write_json(answer.writer(), members);
  state_.answered = answer.finish();
}

void context::redirect(int code, std::string_view location) {
  if (code < 300 || code > 308)
    throw std::invalid_argument("not the status of a redirection: " + std::to_string(code));
  response_.status(code);
  response_.set_header("Location", location);
  response_.remove_header("Content-Type");
  response_.content(std::string_view{});
  state_.answered = true;
}

void context::respond(http::response answer) {
  if (!answer)
    throw std::invalid_argument("the response was moved from before");
  state_.answered = true;
  if (!response_.data().fields.empty())
    answer = routing::merge_fields(response_, std::move(answer));
  response_ = std::move(answer);
}

void context::abort_with_status(int code) {
  replace_response(code);
  abort();
}

void context::replace_response(int code) {
  response_.status(code);
  response_.content_type_line(http::content_types::text);
  response_.content(http::reason_phrase(code));
  response_.data().content += '\n';
  state_.answered = true;
}

response_stream context::stream(int code, std::string_view content_type,
                                std::optional<std::uint64_t> length) {
  if (code == 204 || code == 205 || code == 304)
    throw std::invalid_argument("a response " + std::to_string(code) + " has no content");
  using streaming = routing::detail::chain_state::streaming;
  if (state_.stream != streaming::no)
    throw std::logic_error("the response is a stream already");
  response_.status(code);
  if (!content_type.empty())
    response_.set_header("Content-Type", content_type);
  response_.content(std::string_view{});
  state_.answered = true;
  auto& to = chain_.streams();
  to.begin(length);
  state_.stream = streaming::open;
  state_.stream_depth = static_cast<std::uint32_t>(state_.open.size());
  chain_.sleep_ends_at_drain = true;
  return response_stream{to};
}

event_stream context::event_stream() {
  set_header("Cache-Control", "no-store");
  return {chain_, stream(200, "text/event-stream")};
}

} // namespace sake
