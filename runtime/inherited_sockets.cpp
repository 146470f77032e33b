#include "inherited_sockets.hpp"

#include <charconv>
#include <cstdlib>
#include <optional>
#include <vector>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sake {

namespace {

using outcome = boost::system::result<int, std::string>;

// The first descriptor of the protocol.
constexpr int first_descriptor = 3;

std::string_view variable(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

std::optional<int> number_in(std::string_view text) {
  int number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return number;
}

// The number of sockets passed to this process.
int inherited_count() {
  if (number_in(variable("LISTEN_PID")) != ::getpid())
    return 0;
  return number_in(variable("LISTEN_FDS")).value_or(0);
}

std::vector<std::string_view> inherited_names() {
  std::vector<std::string_view> names;
  auto rest = variable("LISTEN_FDNAMES");
  for (auto colon = rest.find(':'); colon != rest.npos; colon = rest.find(':')) {
    names.push_back(rest.substr(0, colon));
    rest.remove_prefix(colon + 1);
  }
  names.push_back(rest);
  return names;
}

bool listens(int descriptor) {
  int value = 0;
  socklen_t size = sizeof value;
  return ::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0 && value != 0;
}

outcome prepared(int descriptor) {
  if (!listens(descriptor))
    return outcome{boost::system::in_place_error,
                   "descriptor " + std::to_string(descriptor) + " is no listening socket"};
  ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
  return descriptor;
}

} // namespace

boost::system::result<int, std::string> inherited_socket(std::string_view name) {
  const int count = inherited_count();
  if (count <= 0)
    return outcome{boost::system::in_place_error,
                   "the process was started with no socket (LISTEN_PID, LISTEN_FDS)"};
  if (name.empty()) {
    if (count > 1)
      return outcome{boost::system::in_place_error, "the process was started with "
                                                        + std::to_string(count)
                                                        + " sockets; name one: systemd:NAME"};
    return prepared(first_descriptor);
  }
  const auto names = inherited_names();
  for (int i = 0; i < count && static_cast<std::size_t>(i) < names.size(); ++i)
    if (names[static_cast<std::size_t>(i)] == name)
      return prepared(first_descriptor + i);
  return outcome{boost::system::in_place_error, "the process was started with no socket named \""
                                                    + std::string{name} + "\" (LISTEN_FDNAMES)"};
}

} // namespace sake
