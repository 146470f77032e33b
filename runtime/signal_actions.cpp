#include "signal_actions.hpp"

#include <cstddef>
#include <map>
#include <mutex>

#include <signal.h>

namespace sake {

namespace {

struct kept_action {
  struct sigaction before {};
  std::size_t keepers = 0;
};

std::mutex mutex;

std::map<int, kept_action>& kept_actions() {
  static auto& all = *new std::map<int, kept_action>; // used while the process exits
  return all;
}

} // namespace

void signal_actions::keep(int number) {
  const std::lock_guard lock{mutex};
  auto& action = kept_actions()[number];
  if (action.keepers++ == 0)
    ::sigaction(number, nullptr, &action.before);
  kept_.push_back(number);
}

void signal_actions::ignore_default(int number) {
  keep(number);
  struct sigaction now {};
  ::sigaction(number, nullptr, &now);
  if (now.sa_handler != SIG_DFL)
    return;
  now.sa_handler = SIG_IGN;
  ::sigaction(number, &now, nullptr);
}

void signal_actions::give_back() noexcept {
  const std::lock_guard lock{mutex};
  for (const int number : kept_)
    if (auto& action = kept_actions()[number]; --action.keepers == 0)
      ::sigaction(number, &action.before, nullptr);
  kept_.clear();
}

} // namespace sake
