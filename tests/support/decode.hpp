// Drives a decoder as a connection would, with the input split anywhere.
#pragma once

#include <sake/http/http1/decoder.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace sake::test {

struct decoded_request {
  http::request message; // with its content
  bool is_chunked = false;
  std::optional<std::uint64_t> content_length;
  bool is_whole = false;
};

/// Everything that a decoder made of an input.
struct decoded {
  std::vector<decoded_request> requests;
  const http::refusal* why = nullptr;
  /// Octets at the end that wait for more input.
  std::size_t left = 0;
  bool is_between_requests = false;
};

namespace detail {

inline void require(bool holds, const char* rule) {
  if (!holds)
    throw std::logic_error(rule);
}

// Takes events until `pending` gives no more, and checks the rules that every event must keep.
inline void drain(http::decoder& from, std::string& pending, decoded& into) {
  for (;;) {
    // A copy of the exact size, so that a sanitizer sees a read past its end.
    const std::vector<char> copy(pending.begin(), pending.end());
    const std::string_view input{copy.data(), copy.size()};
    const auto step = from.next(input);
    require(step.consumed <= input.size(), "consumes no more than there is");
    switch (step.what) {
      case http::decoder::event::need_more:
        pending.erase(0, step.consumed);
        into.left = pending.size();
        into.is_between_requests = from.between_requests();
        return;
      case http::decoder::event::refused:
        into.why = &from.why();
        require(from.next(input).what == http::decoder::event::refused,
                "refused is the last event");
        return;
      case http::decoder::event::head:
        require(step.is_last == !from.has_content(), "a head is last where no content follows");
        into.requests.push_back({{}, from.is_chunked(), from.content_length(), step.is_last});
        into.requests.back().message = from.take_request();
        break;
      case http::decoder::event::content:
        require(!step.content.empty() || step.is_last, "only the last content is empty");
        require(step.content.empty()
                    || (step.content.data() >= copy.data()
                        && step.content.data() + step.content.size() <= copy.data() + copy.size()),
                "content lies inside the input");
        into.requests.back().message.data().content += step.content;
        into.requests.back().is_whole = step.is_last;
        break;
    }
    require(step.consumed != 0, "an event consumes what it tells of");
    pending.erase(0, step.consumed);
  }
}

} // namespace detail

/// Decodes `input`, which arrives in pieces of `piece_size` octets; the first has `first_size`.
inline decoded decode(std::string_view input, const http::limits& max, std::size_t first_size,
                      std::size_t piece_size, http::head_cache* cache = nullptr) {
  decoded result;
  http::decoder from{max, cache};
  std::string pending;
  std::size_t size = first_size;
  while (result.why == nullptr && !input.empty()) {
    pending += input.substr(0, size);
    input.remove_prefix(std::min(size, input.size()));
    size = piece_size;
    detail::drain(from, pending, result);
  }
  return result;
}

/// Decodes `input`, which arrives at once.
inline decoded decode(std::string_view input, const http::limits& max = {}) {
  return decode(input, max, input.size(), input.size());
}

/// All members of `result` as text that can be compared and read.
inline std::string to_text(const decoded& result) {
  std::string text;
  for (const auto& [message, is_chunked, content_length, is_whole] : result.requests) {
    text += std::string{message.method_token()} + " target=" + std::string{message.target()}
            + " path=" + std::string{message.path()} + " query=" + std::string{message.query()}
            + " minor=" + std::to_string(message.minor_version())
            + (message.keep_alive() ? " keep-alive" : " close")
            + (message.data().expects_continue ? " expects-continue" : "")
            + (is_chunked ? " chunked" : " length=" + std::to_string(content_length.value()))
            + '\n';
    for (std::size_t i = 0; i < message.field_count(); ++i)
      text += std::string{message.field_at(i).name} + "=[" + std::string{message.field_at(i).value}
              + "]\n";
    text += "content=[" + std::string{message.content()} + (is_whole ? "]\n" : "…\n");
  }
  if (result.why != nullptr)
    return text + std::to_string(result.why->status) + ' ' + std::string{result.why->reason};
  return text + "left=" + std::to_string(result.left)
         + (result.is_between_requests ? " between requests" : "");
}

/// Decodes `input` at once, octet by octet, and split in two at every position; without a cache of
/// heads, and with a cache that has seen the input before.
///
/// @throws std::logic_error when the results differ
inline decoded decode_every_way(std::string_view input, const http::limits& max = {}) {
  decoded whole = decode(input, max);
  const std::string expected = to_text(whole);
  const auto compare = [&](const decoded& other, const std::string& how) {
    if (const std::string text = to_text(other); text != expected)
      throw std::logic_error("at once:\n" + expected + '\n' + how + ":\n" + text);
  };
  http::head_cache cache;
  compare(decode(input, max, input.size(), input.size(), &cache), "for a cache");
  compare(decode(input, max, 1, 1), "octet by octet");
  compare(decode(input, max, 1, 1, &cache), "octet by octet, with a cache");
  for (std::size_t cut = 1; cut < input.size(); ++cut) {
    const std::string how = "cut at " + std::to_string(cut);
    compare(decode(input, max, cut, input.size()), how);
    compare(decode(input, max, cut, input.size(), &cache), how + ", with a cache");
  }
  return whole;
}

} // namespace sake::test
