#include "chunked.hpp"

#include "../detail/octets.hpp"
#include "detail/chunk_line_judge.hpp"
#include "detail/field_judge.hpp"
#include "head_scanner.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

namespace sake::http {

namespace {

namespace beast = boost::beast;
using beast::error_code;

// Beast's parser, past a head that announces chunked content. Must be given one whole element at a
// time: the line that starts a chunk, data of that chunk, or the last chunk with its trailer.
class chunk_parser final : public beast::http::basic_parser<true> {
public:
  chunk_parser() {
    body_limit(boost::none); // chunk_line_judge limits the size of a chunk
    take("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
  }

  // Whether `element` is well-formed.
  bool take(std::string_view element) {
    error_code ec;
    return put(boost::asio::const_buffer{element.data(), element.size()}, ec) == element.size()
           && !ec;
  }

private:
  void on_request_impl(beast::http::verb, beast::string_view, beast::string_view, int,
                       error_code&) override {}
  void on_response_impl(int, beast::string_view, int, error_code&) override {}
  void on_field_impl(beast::http::field, beast::string_view, beast::string_view,
                     error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(beast::string_view, error_code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view data, error_code&) override {
    return data.size();
  }
  void on_finish_impl(error_code&) override {}
};

} // namespace

class chunked_decoder::state {
public:
  step next(std::string_view input, const limits& max, std::uint64_t content_limit) {
    std::size_t consumed = 0;
    content_limit_ = content_limit;
    if (part_ == part::line) {
      if (const refusal* why = read_line(input, max, consumed))
        return refuse(*why);
      input.remove_prefix(consumed);
    }
    switch (part_) {
      case part::data:
        return read_data(input, consumed);
      case part::trailer:
        return read_trailer(input, max);
      default:
        return {event::need_more, consumed};
    }
  }

private:
  enum class part : std::uint8_t { line, data, trailer };

  static step refuse(const refusal& why) { return {event::refused, 0, {}, &why}; }

  // Reads the line that starts a chunk. The CRLF after the previous data belongs to it.
  const refusal* read_line(std::string_view input, const limits& max, std::size_t& consumed) {
    const std::size_t start = is_first_ ? 0 : detail::crlf.size();
    if (input.substr(0, start) != detail::crlf.substr(0, std::min(start, input.size())))
      return &refusals::bad_chunk_end;
    if (input.size() <= start)
      return nullptr;
    const std::string_view rest = input.substr(start);
    const void* found = std::memchr(rest.data() + scanned_, '\n', rest.size() - scanned_);
    const std::size_t end =
        found == nullptr ? rest.size()
                         : static_cast<std::size_t>(static_cast<const char*>(found) - rest.data());
    using verdict = detail::chunk_line_judge::verdict;
    switch (line_.judge(rest.substr(0, std::min(end, max.chunk_line_bytes)),
                        content_limit_ - received_)) {
      case verdict::malformed:
        return &refusals::bad_chunk_line;
      case verdict::too_large:
        return &refusals::content_too_large;
      case verdict::good:
        break;
    }
    if (end >= max.chunk_line_bytes)
      return &refusals::chunk_line_too_long;
    scanned_ = end;
    if (found == nullptr)
      return nullptr;
    if (end == 0 || rest[end - 1] != '\r')
      return &refusals::bare_line_feed;
    return start_chunk(input.substr(0, start + end + 1), consumed);
  }

  const refusal* start_chunk(std::string_view element, std::size_t& consumed) {
    const auto size = std::exchange(line_, {}).size();
    scanned_ = 0;
    is_first_ = false;
    // Beast takes the last chunk only with its trailer.
    if (size == 0) {
      part_ = part::trailer;
      last_chunk_size_ = element.size();
      return nullptr;
    }
    if (!parser_.take(element))
      return &refusals::bad_chunk_line;
    received_ += size;
    left_ = size;
    part_ = part::data;
    consumed = element.size();
    return nullptr;
  }

  step read_data(std::string_view input, std::size_t consumed) {
    if (input.empty())
      return {event::need_more, consumed};
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
    const std::string_view data = input.substr(0, size);
    parser_.take(data);
    left_ -= size;
    if (left_ == 0)
      part_ = part::line;
    return {event::content, consumed + size, data};
  }

  step read_trailer(std::string_view input, const limits& max) {
    const auto section = input.substr(last_chunk_size_);
    const auto found = trailer_.scan(section, max);
    if (found.size == 0 || found.why != nullptr) {
      const auto known = found.why != nullptr ? section.substr(0, found.size) : section;
      if (!is_good_so_far(known))
        return refuse(refusals::bad_trailer);
      return found.why != nullptr ? refuse(*found.why) : step{};
    }
    const std::size_t size = last_chunk_size_ + found.size;
    if (!parser_.take(input.substr(0, size)))
      return refuse(refusals::bad_trailer);
    return {event::end, size};
  }

  // Whether the trailer is valid so far. Reads each octet once, and all lines again when one more
  // is complete.
  bool is_good_so_far(std::string_view trailer) {
    std::size_t lines = 0;
    for (; judged_ < trailer.size(); ++judged_) {
      if (fields_.take(trailer[judged_]) != nullptr)
        return false;
      if (fields_.is_at_line_start())
        lines = judged_ + 1;
    }
    return lines == 0 || judge_lines(trailer.substr(0, lines));
  }

  static bool judge_lines(std::string_view lines) {
    return chunk_parser{}.take("0\r\n" + std::string{lines} + "\r\n");
  }

  chunk_parser parser_;
  detail::chunk_line_judge line_;
  field_section_scanner trailer_;
  detail::field_judge fields_; // of the trailer
  std::size_t judged_ = 0;     // of the trailer
  std::size_t scanned_ = 0;    // of the line that starts a chunk
  std::size_t last_chunk_size_ = 0;
  std::uint64_t content_limit_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t left_ = 0; // of the data of this chunk
  part part_ = part::line;
  bool is_first_ = true;
};

chunked_decoder::chunked_decoder() noexcept = default;
chunked_decoder::chunked_decoder(chunked_decoder&&) noexcept = default;
chunked_decoder& chunked_decoder::operator=(chunked_decoder&&) noexcept = default;
chunked_decoder::~chunked_decoder() = default;

void chunked_decoder::start() {
  state_ = std::make_unique<state>();
}

chunked_decoder::step chunked_decoder::next(std::string_view input, const limits& max,
                                            std::uint64_t content_limit) {
  const step result = state_->next(input, max, content_limit);
  if (result.what == event::end || result.what == event::refused)
    state_.reset();
  return result;
}

} // namespace sake::http
