#include "keyed_hash.hpp"

#include <bit>
#include <cstring>
#include <random>

namespace sake::actors::detail {

namespace {

struct sip_state {
  std::uint64_t a, b, c, d;

  void round() noexcept {
    a += b;
    c += d;
    b = std::rotl(b, 13) ^ a;
    d = std::rotl(d, 16) ^ c;
    a = std::rotl(a, 32);
    c += b;
    a += d;
    b = std::rotl(b, 17) ^ c;
    d = std::rotl(d, 21) ^ a;
    c = std::rotl(c, 32);
  }
  void take(std::uint64_t word) noexcept {
    d ^= word;
    round();
    a ^= word;
  }
};

// The last octets, with the length in the highest octet.
std::uint64_t last_word(std::string_view rest, std::size_t size) noexcept {
  std::uint64_t word = static_cast<std::uint64_t>(size) << 56;
  for (std::size_t i = 0; i < rest.size(); ++i)
    word |= std::uint64_t{static_cast<unsigned char>(rest[i])} << (8 * i);
  return word;
}

} // namespace

keyed_hash keyed_hash::with_random_secret() {
  std::random_device system;
  std::uniform_int_distribution<std::uint64_t> any;
  return {any(system), any(system)};
}

std::size_t keyed_hash::operator()(std::string_view key) const noexcept {
  sip_state state{first ^ 0x736f6d6570736575, second ^ 0x646f72616e646f6d,
                  first ^ 0x6c7967656e657261, second ^ 0x7465646279746573};
  std::string_view rest = key;
  for (; rest.size() >= 8; rest.remove_prefix(8)) {
    std::uint64_t word = 0;
    std::memcpy(&word, rest.data(), 8);
    state.take(word);
  }
  state.take(last_word(rest, key.size()));
  state.c ^= 0xff;
  for (int i = 0; i < 3; ++i)
    state.round();
  return state.a ^ state.b ^ state.c ^ state.d;
}

} // namespace sake::actors::detail
