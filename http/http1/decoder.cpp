#include "decoder.hpp"

#include "detail/head_parser.hpp"
#include "detail/plain_head.hpp"

#include <algorithm>
#include <utility>

namespace sake::http {

static_assert(sizeof(decoder) <= 88, "every idle connection holds one");

decoder::step decoder::next(std::string_view input) {
  switch (state_) {
    case state::head:
      return next_head(input);
    case state::fixed_content:
      return next_fixed_content(input);
    case state::chunked_content:
      return next_chunked_content(input);
    case state::refused:
      break;
  }
  return {event::refused};
}

decoder::step decoder::next_head(std::string_view input) {
  const bool is_first_look = scanner_.is_at_start();
  if (is_first_look && cache_ != nullptr) {
    if (auto known = cache_->find(input)) {
      scanner_ = {};
      request_ = std::move(*known);
      return {event::head, true, request_.data().head.size() + 2};
    }
  }
  detail::framing content;
  if (is_first_look) {
    if (const std::size_t size = read_plain_head(input, content); size != 0)
      return begin_request(input.substr(0, size), content, 0);
  }
  const auto found = scanner_.scan(input, *limits_);
  is_head_request_ = input.substr(found.skipped).starts_with("HEAD ");
  if (found.why != nullptr || found.size == 0)
    return judge_incomplete_head(input, found);
  const std::string_view head = input.substr(found.skipped, found.size);
  if (is_first_look || read_plain_head(head, content) == 0) {
    if (const auto* why = parse_head(head, content)) {
      // Refuses the first error by position, as for a head in pieces.
      const auto* const first = judge_.judge(head);
      return refuse(first != nullptr ? *first : *why);
    }
  }
  return begin_request(head, content, found.skipped);
}

// Returns the octets of the head; 0 if it is incomplete, or the strict way decides.
std::size_t decoder::read_plain_head(std::string_view input, detail::framing& content) {
  detail::plain_head head{input};
  if (head.size() == 0)
    return 0;
  request_ = request{};
  if (head.read(*limits_, request_.data(), content))
    return head.size();
  request_ = request{nullptr}; // perhaps the head is not complete
  return 0;
}

const refusal* decoder::parse_head(std::string_view head, detail::framing& content) {
  request_ = request{};
  content = {};
  request_.data().head = head;
  return detail::parse_head(request_.data(), scanner_.request_line_size(), content);
}

decoder::step decoder::begin_request(std::string_view head, const detail::framing& content,
                                     std::size_t skipped) {
  scanner_ = {};
  judge_ = {};
  is_head_request_ = std::as_const(request_).method() == method::head;
  content_left_ = content.content_length;
  content_limit_ = limits_->content_bytes;
  if (content.is_chunked) {
    chunked_.start();
    state_ = state::chunked_content;
  } else if (content_left_ != 0) {
    state_ = state::fixed_content;
  } else if (cache_ != nullptr) {
    cache_->offer(request_, head);
  }
  return {event::head, !has_content(), skipped + head.size()};
}

decoder::step decoder::judge_incomplete_head(std::string_view input,
                                             const head_scanner::outcome& found) {
  input.remove_prefix(found.skipped);
  if (found.why != nullptr)
    input = input.substr(0, found.size);
  // A CR at the start may begin an empty line.
  const bool may_be_empty_line = scanner_.is_at_start() && found.why == nullptr;
  const auto* const why = may_be_empty_line ? nullptr : judge_.judge(input);
  if (why != nullptr)
    return refuse(*why);
  return found.why != nullptr ? refuse(*found.why) : step{event::need_more, false, found.skipped};
}

decoder::step decoder::next_fixed_content(std::string_view input) {
  if (content_left_ > content_limit_)
    return refuse(refusals::content_too_large);
  if (input.empty())
    return {};
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(content_left_, input.size()));
  return {event::content, skip_content(size), size, input.substr(0, size)};
}

decoder::step decoder::next_chunked_content(std::string_view input) {
  const auto part = chunked_.next(input, *limits_, content_limit_);
  switch (part.what) {
    case chunked_decoder::event::need_more:
      return {event::need_more, false, part.consumed};
    case chunked_decoder::event::content:
      return {event::content, false, part.consumed, part.content};
    case chunked_decoder::event::end:
      state_ = state::head;
      return {event::content, true, part.consumed};
    case chunked_decoder::event::refused:
      break;
  }
  return refuse(*part.why);
}

decoder::step decoder::refuse(const refusal& why) noexcept {
  why_ = &why;
  state_ = state::refused;
  request_ = request{nullptr};
  return {event::refused};
}

request decoder::take_request() {
  return std::move(request_);
}

std::optional<std::uint64_t> decoder::content_length() const noexcept {
  if (is_chunked())
    return std::nullopt;
  return content_left_;
}

} // namespace sake::http
