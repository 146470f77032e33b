#include "input_reader.hpp"

#include "../../http/detail/free_list.hpp"

#include <cstddef>
#include <utility>

namespace sake::actors {

namespace {

// Octets read at a time after an incomplete head or piece of content.
constexpr std::size_t read_ahead = 16 * 1024;

// Memory that an empty rest keeps for the next connection.
constexpr std::size_t kept_input_octets = 32 * 1024;

} // namespace

input_reader::~input_reader() = default;

io_result input_reader::read(std::string_view& input) {
  const bool is_continued = has_rest();
  const std::size_t room = is_continued ? read_ahead : reactor::input_bytes;
  char* const to = is_continued ? rest_->octets.prepare(room) : home_.input();
  const auto got = transport_.read(to, room);
  if (got.what != io_result::outcome::done)
    return got;
  if (is_continued) {
    rest_->octets.commit(got.octets);
    input = rest_->octets.view();
  } else {
    input = {to, got.octets};
  }
  return got;
}

std::string_view input_reader::copy(std::string_view octets) noexcept {
  return {home_.input(), octets.copy(home_.input(), reactor::input_bytes)};
}

void input_reader::keep(std::string_view input) {
  if (has_rest()) {
    rest_->octets.consume(rest_->octets.size() - input.size());
  } else if (!input.empty()) {
    if (rest_ == nullptr)
      rest_ = http::detail::take_or_make<rest_of_input>();
    rest_->octets.append(input);
  }
}

void input_reader::drop() noexcept {
  rest_.reset();
}

void input_reader::release() noexcept {
  if (rest_ == nullptr || has_rest())
    return;
  if (rest_->octets.capacity() <= kept_input_octets)
    http::detail::give_back(std::move(rest_));
  else
    rest_.reset();
}

} // namespace sake::actors
