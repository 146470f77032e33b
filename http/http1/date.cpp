#include "date.hpp"

#include <algorithm>
#include <chrono>

namespace sake::http {

namespace {

constexpr std::string_view form = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
static_assert(form.size() == date_clock::line_size);

constexpr std::string_view weekdays = "SunMonTueWedThuFriSat";
constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr std::time_t last_second = 253'402'300'799; // of the year 9999

void put_name(char* to, std::string_view names, unsigned index) noexcept {
  names.copy(to, 3, std::size_t{3} * index);
}

void put_two_digits(char* to, unsigned value) noexcept {
  to[0] = static_cast<char>('0' + value / 10);
  to[1] = static_cast<char>('0' + value % 10);
}

} // namespace

void date_clock::render(std::time_t now) noexcept {
  using namespace std::chrono;
  const sys_seconds time{seconds{std::clamp(now, std::time_t{0}, last_second)}};
  const sys_days day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));

  char* const text = text_.data();
  form.copy(text, form.size());
  put_name(text + 6, weekdays, weekday{day}.c_encoding());
  put_two_digits(text + 11, static_cast<unsigned>(date.day()));
  put_name(text + 14, months, static_cast<unsigned>(date.month()) - 1);
  put_two_digits(text + 18, year / 100);
  put_two_digits(text + 20, year % 100);
  put_two_digits(text + 23, static_cast<unsigned>(clock.hours().count()));
  put_two_digits(text + 26, static_cast<unsigned>(clock.minutes().count()));
  put_two_digits(text + 29, static_cast<unsigned>(clock.seconds().count()));
  second_ = now;
}

} // namespace sake::http
