// The hash of keys that clients choose.
#include "../../../support/catch.hpp"

#include <sake/actors/handlers/detail/keyed_hash.hpp>

#include <set>
#include <string>

using sake::actors::detail::keyed_hash;

TEST_CASE("the hash of keys is SipHash-1-3", "[keyed_hash]") {
  // The key of the authors' test vectors, 00 01 … 0f, and no octets.
  const keyed_hash hash{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  CHECK(hash("") == 0xabac0158050fc4dc);
}

TEST_CASE("every octet of a key changes its hash", "[keyed_hash]") {
  const keyed_hash hash{1, 2};
  std::set<std::size_t> seen;
  std::size_t keys = 0;
  for (std::size_t size = 0; size <= 24; ++size)
    for (std::size_t at = 0; at <= size; ++at, ++keys) {
      std::string key(size, 'a');
      if (at < size)
        key[at] = 'b';
      seen.insert(hash(key));
    }
  CHECK(seen.size() == keys);
}

TEST_CASE("keys that collide under one secret differ under another", "[keyed_hash]") {
  const keyed_hash known{1, 2};
  const auto other = keyed_hash::with_random_secret();
  CHECK((other.first != known.first || other.second != known.second));
  // Keys chosen so that all fall into one of 64 buckets.
  std::set<std::size_t> places;
  int chosen = 0;
  for (int i = 0; chosen < 200; ++i) {
    const auto key = std::to_string(i);
    if (known(key) % 64 != 0)
      continue;
    ++chosen;
    places.insert(other(key) % 64);
  }
  CHECK(places.size() > 32);
}
