#include "unix_permissions.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <vector>

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sake {

namespace {

constexpr auto unchanged_user = static_cast<uid_t>(-1);
constexpr auto unchanged_group = static_cast<gid_t>(-1);

constexpr std::size_t record_bytes = 64 * 1024;

std::optional<uid_t> find_user(const std::string& name) {
  std::vector<char> buffer(record_bytes);
  passwd record{};
  passwd* found = nullptr;
  ::getpwnam_r(name.c_str(), &record, buffer.data(), buffer.size(), &found);
  return found == nullptr ? std::nullopt : std::optional{found->pw_uid};
}

std::optional<gid_t> find_group(const std::string& name) {
  std::vector<char> buffer(record_bytes);
  group record{};
  group* found = nullptr;
  ::getgrnam_r(name.c_str(), &record, buffer.data(), buffer.size(), &found);
  return found == nullptr ? std::nullopt : std::optional{found->gr_gid};
}

std::string change_owner(const std::string& owner, const std::string& path) {
  const auto colon = owner.find(':');
  const auto user_name = owner.substr(0, colon);
  const auto group_name = colon == owner.npos ? std::string{} : owner.substr(colon + 1);
  auto user = unchanged_user;
  auto group = unchanged_group;
  if (!user_name.empty()) {
    const auto found = find_user(user_name);
    if (!found)
      return "there is no user \"" + user_name + '"';
    user = *found;
  }
  if (!group_name.empty()) {
    const auto found = find_group(group_name);
    if (!found)
      return "there is no group \"" + group_name + '"';
    group = *found;
  }
  if (::chown(path.c_str(), user, group) != 0)
    return "cannot give it to \"" + owner + "\": " + std::strerror(errno);
  return {};
}

} // namespace

std::optional<mode_t> read_mode(std::string_view text) {
  mode_t mode = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  if (error != std::errc{} || end != text.data() + text.size() || mode > 0777)
    return std::nullopt;
  return mode;
}

std::string apply(const unix_permissions& wanted, const std::string& path) {
  if (const auto mode = read_mode(wanted.mode); mode && ::chmod(path.c_str(), *mode) != 0)
    return "cannot set its mode to " + wanted.mode + ": " + std::strerror(errno);
  return wanted.owner.empty() ? std::string{} : change_owner(wanted.owner, path);
}

} // namespace sake
