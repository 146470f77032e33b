#include "log_limiter.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace sake::actors {

namespace {

using namespace std::chrono_literals;

std::string_view route_of(const log_record& record) noexcept {
  const auto found = std::find_if(record.fields.begin(), record.fields.end(),
                                  [](const log_field& each) { return each.name() == "route"; });
  return found == record.fields.end() ? std::string_view{} : found->value();
}

} // namespace

bool log_limiter::admits(const log_record& record, time_point now) {
  kind* const found = find(record.text, route_of(record), now);
  if (found == nullptr)
    return true;
  if (now >= found->end) {
    tell(*found);
    found->end = now + 1s;
    found->admitted = 0;
  }
  found->level = record.level;
  if (found->admitted < max_repeats) {
    ++found->admitted;
    return true;
  }
  ++found->left_out;
  return false;
}

bool log_limiter::tell_left_out(time_point now) {
  bool is_under_way = false;
  for (auto& each : kinds_) {
    if (now >= each.end)
      tell(each);
    is_under_way = is_under_way || (now < each.end && each.admitted == max_repeats);
  }
  return is_under_way;
}

// Returns the counts of this kind; else reuses the place of a kind that has passed its second; else
// returns null.
log_limiter::kind* log_limiter::find(std::string_view text, std::string_view route,
                                     time_point now) {
  kind* over = nullptr;
  for (auto& each : kinds_) {
    if (each.text == text && each.route == route)
      return &each;
    if (over == nullptr && now >= each.end)
      over = &each;
  }
  if (over == nullptr)
    return nullptr;
  tell(*over);
  over->text = text;
  over->route = route;
  over->end = time_point::min();
  return over;
}

void log_limiter::tell(kind& of) noexcept {
  const auto count = std::exchange(of.left_out, 0);
  if (count == 0)
    return;
  const log_field fields[] = {{"count", count}, {"kind", of.text}, {"route", of.route}};
  sake::log(of.level, "lines of one kind were left out",
            std::span{fields}.first(of.route.empty() ? 2 : 3));
}

} // namespace sake::actors
