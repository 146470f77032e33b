// Arbitrary sequences of events on one connection: input in pieces, responses out of order, whole,
// from a file or streamed, cut responses, tunnels, deadlines, a drain. The output must always be
// the responses in the order of their requests, each framed, and no octets behind the last.
#include "../support/memory_file.hpp"
#include "check.hpp"

#include <sake/http/http1/http1_protocol.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

using namespace sake::http;
using sake::test::check;
using namespace std::chrono_literals;

namespace {

// -- the script -----------------------------------------------------------------------

/// The fuzzer's octets, one after the other; 0 behind their end.
class script {
public:
  explicit script(std::string_view octets) noexcept : left_(octets) {}
  [[nodiscard]] bool is_over() const noexcept { return left_.empty(); }
  std::size_t number() noexcept {
    return static_cast<unsigned char>(take(1).empty() ? '\0' : taken_[0]);
  }
  std::string_view take(std::size_t count) noexcept {
    taken_ = left_.substr(0, count);
    left_.remove_prefix(taken_.size());
    return taken_;
  }

private:
  std::string_view left_;
  std::string_view taken_;
};

// -- the output -------------------------------------------------------------------------

/// Reads responses as a client does.
class client {
public:
  /// @param methods  of the requests, by id
  client(std::string_view octets, const std::map<std::uint64_t, method>& methods) noexcept
      : left_(octets), methods_(methods) {}

  /// Reads one response, final or interim; false if the rest is incomplete.
  bool read_response() {
    const auto end = left_.find("\r\n\r\n");
    if (end == std::string_view::npos)
      return false;
    check(!has_ended_, "nothing comes behind the last response");
    const auto head = left_.substr(0, end + 2);
    check(head.starts_with("HTTP/1.1 "), "a response starts with its status line");
    left_.remove_prefix(end + 4);
    const int status = std::atoi(std::string{head.substr(9, 3)}.c_str());
    if (status == 100)
      return true;
    check(status == 101 || (status >= 200 && status <= 599), "a response has a final status");
    ++responses_;
    if (const auto id = field(head, "X-Id"); !id.empty())
      check(std::string{id} == std::to_string(responses_), "responses come in order");
    has_ended_ = field(head, "Connection") == "close";
    const auto found = methods_.find(responses_);
    const auto asked = found != methods_.end() ? found->second : method::other;
    if (status == 101 || (asked == method::connect && status / 100 == 2)) {
      left_ = {}; // the octets of a tunnel
      return true;
    }
    return read_content(head, status, asked);
  }

  [[nodiscard]] std::uint64_t responses() const noexcept { return responses_; }

private:
  static std::string_view field(std::string_view head, std::string_view name) {
    const auto line = "\r\n" + std::string{name} + ": ";
    const auto at = head.find(line);
    if (at == std::string_view::npos)
      return {};
    const auto value = head.substr(at + line.size());
    check(value.find(line) == std::string_view::npos, "a framing field stands once");
    return value.substr(0, value.find('\r'));
  }

  bool read_content(std::string_view head, int status, method asked) {
    const auto length = field(head, "Content-Length");
    const auto coding = field(head, "Transfer-Encoding");
    check(length.empty() || coding.empty(), "a response has one framing");
    // Only the decoder knows whether a refusal answers HEAD; a refusal is the last response.
    const bool has_none =
        status == 204 || status == 304
        || (methods_.contains(responses_) ? asked == method::head : left_.empty());
    if (has_none)
      return true;
    if (!coding.empty())
      return read_chunks();
    if (length.empty()) {
      check(has_ended_, "content without a length ends with the connection");
      left_ = {};
      return true;
    }
    std::size_t octets = 0;
    std::from_chars(length.data(), length.data() + length.size(), octets);
    if (left_.size() < octets)
      return false;
    left_.remove_prefix(octets);
    return true;
  }

  bool read_chunks() {
    for (;;) {
      const auto end = left_.find("\r\n");
      if (end == std::string_view::npos)
        return false;
      std::size_t octets = 0;
      const auto read = std::from_chars(left_.data(), left_.data() + end, octets, 16);
      check(read.ec == std::errc{} && read.ptr == left_.data() + end, "a chunk has a size");
      if (left_.size() < end + 2 + octets + 2)
        return false;
      check(left_.substr(end + 2 + octets, 2) == "\r\n", "a chunk ends in CRLF");
      left_.remove_prefix(end + 2 + octets + 2);
      if (octets == 0)
        return true;
    }
  }

  std::string_view left_;
  const std::map<std::uint64_t, method>& methods_;
  std::uint64_t responses_ = 0;
  bool has_ended_ = false;
};

// -- the connection -----------------------------------------------------------------------

/// A handler that works on a request.
struct worker final : response_observer {
  void cancel(int status) noexcept override {
    check(!is_cancelled, "a request is cancelled once");
    check(status >= 400, "a request is cancelled with a status");
    is_cancelled = true;
  }
  bool is_cancelled = false;
  bool has_begun = false;
  /// A streamed response with a length: the announced octets not yet written; otherwise chunked.
  bool has_length = false;
  std::size_t left = 0;
};

class play final : private protocol_events {
public:
  explicit play(script& from)
      : script_(from), protocol_(*this, chosen(from.number()), cache_, now_) {}
  virtual ~play() { protocol_.abandon(); }

  void run() {
    while (!script_.is_over() && !is_over_)
      step();
    write_out();
    client reader{sent_, methods_};
    while (reader.read_response()) {
    }
    check(reader.responses() <= begun_ + 1, "there is a response for a request, or a refusal");
  }

private:
  const settings& chosen(std::size_t bits) {
    takes_streams_ = (bits & 1) != 0;
    answers_at_once_ = (bits & 2) != 0;
    settings_.half_closed_clients = (bits & 4) != 0;
    settings_.limits.pipelined_requests = 1 + (bits >> 3) % 4;
    settings_.limits.buffered_content_bytes = 16;
    settings_.limits.content_bytes = 256;
    settings_.limits.ready_response_bytes = 8;
    return settings_;
  }

  // -- calls of the protocol -----------------------------------------------------------

  content_rules rules_for(request&) override {
    return {settings_.limits.content_bytes, takes_streams_};
  }
  void on_request(std::uint64_t id, request message) override {
    check(id == begun_ + 1, "ids count up from 1");
    begun_ = id;
    methods_[id] = message.method();
    check(message.content().size() <= settings_.limits.content_bytes, "content keeps its limit");
    stream_ = message.data().stream;
    if (answers_at_once_)
      protocol_.respond(id, answer(id, 3));
    else
      protocol_.observe(id, &workers_[id]);
  }
  void on_refusal(const refusal& why, request*) override {
    check(why.status >= 400, "a refusal is an error");
  }
  void on_progress() override {}
  [[nodiscard]] time_point now() const noexcept override { return now_; }

  // -- events ------------------------------------------------------------------------------

  void step() {
    switch (script_.number() % 16) {
      case 0:
      case 1:
        received_ += script_.take(script_.number());
        receive();
        break;
      case 2:
        pick();
        protocol_.respond(picked_, answer(picked_, script_.number()));
        break;
      case 3:
        begin();
        break;
      case 4:
        write();
        break;
      case 5:
        end();
        break;
      case 6:
        if (protocol_.write(pick(), {}) != write_result::closed)
          protocol_.cut_response(picked_, answer(picked_, 2));
        break;
      case 7:
        write_out();
        break;
      case 8:
        pass(std::chrono::seconds{script_.number()});
        break;
      case 9:
        finish();
        break;
      case 10:
        protocol_.drain();
        break;
      case 11:
        take_content();
        break;
      case 12:
        pick();
        protocol_.limit_time(picked_, std::chrono::seconds{script_.number()});
        break;
      case 13:
        begin_tunnel();
        break;
      case 14:
        pick();
        protocol_.respond(picked_, answer_from_file(picked_, script_.number()));
        break;
      default:
        receive();
        break;
    }
    if (!is_over_ && protocol_.state().is_idle())
      protocol_.rest();
  }

  void receive() {
    if (is_over_ || has_finished_ || !protocol_.accepts_input())
      return;
    const auto before = begun_;
    const std::string octets{protocol_.receive(received_)};
    check(begun_ - before <= requests_per_turn, "a turn begins a bounded number of requests");
    received_ = octets;
  }

  // Takes content that has come, or wants it whole and reads it where it stays.
  void take_content() {
    const auto most = script_.number();
    if (stream_ != nullptr && most % 2 == 0)
      (void)stream_->take(most);
    else if (stream_ != nullptr)
      stream_->want_whole();
    if (is_over_ || has_finished_ || !received_.empty() || !protocol_.state().awaits_content())
      return;
    const auto next = protocol_.next_content();
    check(next.size > 0 && next.size <= next.memory.size(), "there is memory for content");
    const auto octets = script_.take(std::min(next.size, most));
    octets.copy(next.memory.data(), octets.size());
    protocol_.take_content(octets.size());
  }

  void write_out() {
    if (is_over_)
      return;
    output out;
    protocol_.encode(out, {});
    std::string octets(out.size(), '\0');
    check(out.copy(octets.data(), octets.size()) == octets.size(), "the file is long enough");
    sent_ += octets;
    is_over_ = protocol_.state().is_over();
    check(!is_over_ || !protocol_.has_unanswered(), "nothing waits behind the last response");
  }

  void pass(std::chrono::seconds by) {
    now_ += by;
    for (int i = 0; i < 100 && !is_over_; ++i) {
      if (std::min(protocol_.response_due(), protocol_.input_due()) > now_)
        return;
      is_over_ = protocol_.expire(now_) == http1_protocol::expiry::idle;
    }
    check(is_over_, "a deadline that has passed is not due again");
  }

  void finish() {
    if (std::exchange(has_finished_, true))
      return;
    if (protocol_.finish_input() == http1_protocol::after_input::nothing) {
      is_over_ = true;
      return;
    }
    write_out();
  }

  // -- responses ----------------------------------------------------------------------------

  // Chooses one of the latest requests.
  std::uint64_t pick() noexcept {
    const auto back = script_.number();
    picked_ = begun_ == 0 ? 0 : begun_ - back % std::min<std::uint64_t>(begun_, 8);
    return picked_;
  }

  static response answer(std::uint64_t id, std::size_t size) {
    return response::text(200, std::string(size, 'x')).set_header("X-Id", std::to_string(id));
  }

  static response answer_from_file(std::uint64_t id, std::size_t size) {
    static const auto file = sake::test::file_of(std::string(256, 'f'));
    return response{200}.content(file_part{file, 0, size}).set_header("X-Id", std::to_string(id));
  }

  void begin_tunnel() {
    auto& by = workers_[pick()];
    if (by.is_cancelled || by.has_begun || picked_ == 0)
      return;
    const bool is_connect = methods_[picked_] == method::connect;
    response head;
    head.set_header("X-Id", std::to_string(picked_));
    if (!is_connect)
      head.set_header("Connection", "Upgrade");
    head.data().status = is_connect ? 200 : 101;
    if (auto input = protocol_.begin_tunnel(picked_, std::move(head), by)) {
      by.has_begun = true;
      stream_ = std::move(input);
    }
  }

  void begin() {
    auto& by = workers_[pick()];
    if (by.is_cancelled || std::exchange(by.has_begun, true) || picked_ == 0)
      return;
    by.has_length = script_.number() % 2 == 0;
    by.left = by.has_length ? script_.number() : 0;
    auto head = answer(picked_, 0);
    if (by.has_length)
      head.data().fields += "Content-Length: " + std::to_string(by.left) + "\r\n";
    protocol_.begin_response(picked_, std::move(head), by.has_length, by);
  }

  void write() {
    auto& by = workers_[pick()];
    std::size_t size = script_.number();
    if (by.has_length)
      size = std::min(size, by.left);
    if (protocol_.write(picked_, std::string(size, 'y')) != write_result::closed)
      by.left -= by.has_length ? size : 0;
  }

  void end() {
    const auto& by = workers_[pick()];
    if (by.has_length && by.left != 0)
      protocol_.cut_response(picked_, answer(picked_, 2));
    else
      protocol_.end_response(picked_);
  }

  script& script_;
  settings settings_;
  head_cache cache_;
  time_point now_{1h};
  std::map<std::uint64_t, worker> workers_;
  std::map<std::uint64_t, method> methods_;
  std::shared_ptr<content_stream> stream_;
  std::string received_;
  std::string sent_;
  std::uint64_t begun_ = 0;
  std::uint64_t picked_ = 0;
  bool takes_streams_ = false;
  bool answers_at_once_ = false;
  bool has_finished_ = false;
  bool is_over_ = false;
  http1_protocol protocol_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 8192)
    return 0;
  script from{{reinterpret_cast<const char*>(data), size}};
  play{from}.run();
  return 0;
}
