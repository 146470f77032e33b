#include "octet_masks.hpp"

#include "../../detail/octets.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <string_view>
#include <utility>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace sake::http::detail {

namespace {

constexpr bool is_control_octet(unsigned c) noexcept {
  return (c < ' ' && c != '\t') || c == 0x7f;
}

// The blocks of a head, up to the one with its empty line.
class head_blocks {
public:
  explicit head_blocks(std::string_view input) noexcept
      : next_(input.data()), left_(input.size()) {}

  // Returns the octets of the next block; null if there are not 64 more.
  const char* next() noexcept {
    if (left_ < octet_masks::block) [[unlikely]]
      return nullptr;
    left_ -= octet_masks::block;
    return std::exchange(next_, next_ + octet_masks::block);
  }

  // Returns a block of the octets that are left, with blanks behind them.
  std::array<char, octet_masks::block> rest() const noexcept {
    std::array<char, octet_masks::block> padded;
    padded.fill(' ');
    std::copy_n(next_, left_, padded.data());
    return padded;
  }

  // Continues with the masks of that block. Returns whether the head ends in it.
  bool ends_in(const octet_masks& next) noexcept {
    const std::uint64_t feeds = next.line_feeds;
    const std::uint64_t returns = next.controls & ~feeds;
    const std::uint64_t wrong = (returns << 1 | return_before_) ^ feeds;
    // A line feed two octets behind another one.
    const std::uint64_t ends = feeds & (feeds << 2 | feeds_before_);
    if (ends != 0) [[unlikely]] {
      const auto end = static_cast<std::size_t>(std::countr_zero(ends)) + 1;
      wrong_ |= wrong & ~std::uint64_t{0} >> (octet_masks::block - end);
      size_ = wrong_ == 0 ? before_ + end : 0;
      return true;
    }
    wrong_ |= wrong;
    return_before_ = returns >> 63;
    feeds_before_ = feeds >> 62;
    before_ += octet_masks::block;
    return false;
  }

  // Octets of the head; 0 if it does not end, or has wrong line ends.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
  const char* next_;
  std::size_t left_;
  std::size_t before_ = 0;
  std::uint64_t return_before_ = 0;
  std::uint64_t feeds_before_ = 0;
  std::uint64_t wrong_ = 0;
  std::size_t size_ = 0;
};

enum octet_class : std::uint8_t { line_feed = 1, control = 2, non_token = 4 };

consteval std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> made{};
  for (unsigned c = 0; c < 256; ++c)
    made[c] =
        static_cast<std::uint8_t>((c == '\n' ? line_feed : 0) | (is_control_octet(c) ? control : 0)
                                  | (is_token_octet(static_cast<char>(c)) ? 0 : non_token));
  return made;
}

constexpr std::array<std::uint8_t, 256> classes = make_classes();

octet_masks masks_of(const char* octets) noexcept {
  octet_masks masks{};
  for (std::size_t i = 0; i < octet_masks::block; ++i) {
    const std::uint64_t of = classes[static_cast<unsigned char>(octets[i])];
    masks.line_feeds |= (of & 1) << i;
    masks.controls |= (of >> 1 & 1) << i;
    masks.non_token |= (of >> 2) << i;
  }
  return masks;
}

} // namespace

std::size_t classify_portably(std::string_view input, octet_masks* to) noexcept {
  head_blocks blocks{input};
  while (const char* const octets = blocks.next()) {
    *to = masks_of(octets);
    if (blocks.ends_in(*to++))
      return blocks.size();
  }
  *to = masks_of(blocks.rest().data());
  return blocks.ends_in(*to) ? blocks.size() : 0;
}

#if defined(__x86_64__)

// -- SSE2, which every x86-64 has ---------------------------------------------------------

namespace {

// 0xff where `low` <= octet <= `high`.
inline __m128i in_range(__m128i octets, int low, int high) noexcept {
  const __m128i above = _mm_sub_epi8(octets, _mm_set1_epi8(static_cast<char>(low)));
  return _mm_cmpeq_epi8(_mm_min_epu8(above, _mm_set1_epi8(static_cast<char>(high - low))), above);
}

inline __m128i equals(__m128i octets, char which) noexcept {
  return _mm_cmpeq_epi8(octets, _mm_set1_epi8(which));
}

inline __m128i either(__m128i a, __m128i b) noexcept {
  return _mm_or_si128(a, b);
}

inline __m128i are_token(__m128i octets) noexcept {
  const __m128i names = either(either(in_range(octets, '^', 'z'), in_range(octets, 'A', 'Z')),
                               either(in_range(octets, '0', '9'), in_range(octets, '-', '.')));
  const __m128i signs = either(either(in_range(octets, '#', '\''), in_range(octets, '*', '+')),
                               either(equals(octets, '!'), equals(octets, '|')));
  return either(either(names, signs), equals(octets, '~'));
}

inline __m128i are_control(__m128i octets) noexcept {
  return either(_mm_andnot_si128(equals(octets, '\t'), in_range(octets, 0, 0x1f)),
                equals(octets, '\x7f'));
}

inline std::uint64_t to_bits(__m128i octets) noexcept {
  return static_cast<std::uint16_t>(_mm_movemask_epi8(octets));
}

inline octet_masks masks_by_sse2(const char* octets) noexcept {
  octet_masks masks{};
  for (unsigned at = 0; at < octet_masks::block; at += 16) {
    const __m128i part = _mm_loadu_si128(reinterpret_cast<const __m128i*>(octets + at));
    masks.line_feeds |= to_bits(equals(part, '\n')) << at;
    masks.controls |= to_bits(are_control(part)) << at;
    masks.non_token |= (to_bits(are_token(part)) ^ 0xffff) << at;
  }
  return masks;
}

} // namespace

std::size_t classify_with_sse2(std::string_view input, octet_masks* to) noexcept {
  head_blocks blocks{input};
  while (const char* const octets = blocks.next()) {
    *to = masks_by_sse2(octets);
    if (blocks.ends_in(*to++))
      return blocks.size();
  }
  *to = masks_by_sse2(blocks.rest().data());
  return blocks.ends_in(*to) ? blocks.size() : 0;
}

// -- AVX2 -----------------------------------------------------------------------------------

#define SAKE_AVX2 [[gnu::target("avx2,bmi")]]

namespace {

// Token octets as a table for shuffles: octet 0xhl is one if bit h of `rows[l]` is set. None is
// above 0x7f.
struct token_table {
  alignas(16) std::array<std::uint8_t, 16> rows{};
  alignas(16) std::array<std::uint8_t, 16> bits{};
};

consteval token_table make_token_table() {
  token_table made;
  for (unsigned c = 0; c < 128; ++c)
    if (is_token_octet(static_cast<char>(c)))
      made.rows[c & 15] = static_cast<std::uint8_t>(made.rows[c & 15] | 1u << (c >> 4));
  for (unsigned high = 0; high < 8; ++high)
    made.bits[high] = static_cast<std::uint8_t>(1u << high);
  return made;
}

constexpr token_table tokens = make_token_table();

SAKE_AVX2 inline std::uint64_t to_bits(__m256i low, __m256i high) noexcept {
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(low))
         | static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm256_movemask_epi8(high))) << 32;
}

SAKE_AVX2 inline __m256i repeated(const std::array<std::uint8_t, 16>& table) noexcept {
  return _mm256_broadcastsi128_si256(
      _mm_load_si128(reinterpret_cast<const __m128i*>(table.data())));
}

SAKE_AVX2 inline __m256i equals(__m256i octets, char which) noexcept {
  return _mm256_cmpeq_epi8(octets, _mm256_set1_epi8(which));
}

SAKE_AVX2 inline __m256i are_non_token(__m256i octets) noexcept {
  // A shuffle gives 0 for an index above 0x7f.
  const __m256i half = _mm256_set1_epi8(15);
  const __m256i row = _mm256_shuffle_epi8(repeated(tokens.rows), octets);
  const __m256i bit = _mm256_shuffle_epi8(repeated(tokens.bits),
                                          _mm256_and_si256(_mm256_srli_epi16(octets, 4), half));
  return _mm256_cmpeq_epi8(_mm256_and_si256(row, bit), _mm256_setzero_si256());
}

SAKE_AVX2 inline __m256i are_control(__m256i octets) noexcept {
  const __m256i is_small =
      _mm256_cmpeq_epi8(_mm256_min_epu8(octets, _mm256_set1_epi8(0x1f)), octets);
  return _mm256_or_si256(_mm256_andnot_si256(equals(octets, '\t'), is_small),
                         equals(octets, '\x7f'));
}

SAKE_AVX2 inline octet_masks masks_by_avx2(const char* octets) noexcept {
  const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(octets));
  const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(octets + 32));
  return {to_bits(equals(low, '\n'), equals(high, '\n')),
          to_bits(are_control(low), are_control(high)),
          to_bits(are_non_token(low), are_non_token(high))};
}

} // namespace

SAKE_AVX2 std::size_t classify_with_avx2(std::string_view input, octet_masks* to) noexcept {
  head_blocks blocks{input};
  while (const char* const octets = blocks.next()) {
    *to = masks_by_avx2(octets);
    if (blocks.ends_in(*to++))
      return blocks.size();
  }
  *to = masks_by_avx2(blocks.rest().data());
  return blocks.ends_in(*to) ? blocks.size() : 0;
}

head_classifier choose_classifier() noexcept {
  const bool has_avx2 = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("bmi") != 0;
  return has_avx2 ? classify_with_avx2 : classify_with_sse2;
}

#else

head_classifier choose_classifier() noexcept {
  return classify_portably;
}

#endif

} // namespace sake::http::detail
