#include "output_writer.hpp"

#include "../../http/detail/free_list.hpp"

#include <chrono>

namespace sake::actors {

namespace {

// Memory that an empty rest keeps for the next connection.
constexpr std::size_t kept_output_octets = 32 * 1024;

} // namespace

output_writer::output_writer(reactor& home, transport& to, const http::settings& config) noexcept
    : home_(home), transport_(to), settings_(config) {}

output_writer::~output_writer() = default;

output_writer::rest& output_writer::own_rest() {
  if (rest_ == nullptr)
    rest_ = http::detail::take_or_make<rest>();
  return *rest_;
}

void output_writer::drop() noexcept {
  rest_.reset();
}

void output_writer::release() noexcept {
  if (rest_ == nullptr || is_blocked())
    return;
  if (rest_->octets.capacity() <= kept_output_octets)
    http::detail::give_back(std::move(rest_));
  else
    rest_.reset();
}

io_result output_writer::write() {
  if (is_blocked())
    return write_rest();
  http::output& out = home_.output();
  if (out.empty())
    return {};
  const auto result = attempt(out);
  if (!out.empty()) [[unlikely]]
    keep(out);
  return result;
}

[[gnu::noinline]] void output_writer::keep(http::output& out) {
  own_rest().octets.append(out);
  set_deadline();
}

[[gnu::noinline]] io_result output_writer::write_rest() {
  const auto result = attempt(rest_->octets);
  rest_->written += result.octets;
  return result;
}

inline io_result output_writer::attempt(http::output& out) noexcept {
  const auto result = transport_.write(out);
  if (result.what == io_result::outcome::done) [[likely]]
    out.consume(result.octets);
  else if (result.what != io_result::outcome::needs_readable
           && result.what != io_result::outcome::needs_writable)
    out.clear();
  return result;
}

// -- the deadline of the peer -----------------------------------------------------------

void output_writer::set_deadline() noexcept {
  rest_->in_transit = transport_.in_transit();
  rest_->written = 0;
  due_ = http::deadline_after(home_.now(), settings_.deadlines.write);
}

bool output_writer::renew() noexcept {
  using namespace std::chrono;
  const auto& deadlines = settings_.deadlines;
  const auto share = duration<double>{deadlines.write}.count() * deadlines.write_bytes_per_second;
  // `written` alone is too coarse: a transport may hold many octets, and reports room only once a
  // good part of them is gone.
  const auto sent = rest_->in_transit + rest_->written;
  const auto held = transport_.in_transit();
  if (sent <= held || static_cast<double>(sent - held) < share)
    return false;
  set_deadline();
  return true;
}

} // namespace sake::actors
