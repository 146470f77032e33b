#include "node_check.hpp"

#include "file_error.hpp"
#include "option_text.hpp"
#include "options.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sake {

namespace {

namespace ip = boost::asio::ip;

constexpr std::string_view letters_and_digits =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "0123456789";

bool has_only(std::string_view text, const std::string& octets) {
  return text.find_first_not_of(octets) == text.npos;
}

bool is_node_name(std::string_view text) {
  return !text.empty() && text.size() <= 64
         && has_only(text, std::string{letters_and_digits} + "-_.");
}

// -- addresses ------------------------------------------------------------------------

std::string_view host_of(std::string_view address) {
  return address.substr(0, address.rfind(':'));
}

/// Reads "10.0.0.1" or "[::1]"; empty for a name.
std::optional<ip::address> read_numeric(std::string_view host) {
  const bool has_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  boost::system::error_code error;
  const auto found =
      ip::make_address(std::string{has_brackets ? host.substr(1, host.size() - 2) : host}, error);
  if (error || found.is_v6() != has_brackets)
    return std::nullopt;
  if (found.is_v6() && found.to_v6().is_v4_mapped())
    return ip::make_address_v4(ip::v4_mapped, found.to_v6());
  return found;
}

bool is_label(std::string_view text) {
  return !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-'
         && has_only(text, std::string{letters_and_digits} + "-_");
}

// Labels with dots between. The last holds more than digits (RFC 1123 §2.1), else 10.0.0 is a name.
bool is_host_name(std::string_view text) {
  const auto last = text.substr(text.rfind('.') + 1);
  if (text.size() > 253 || has_only(last, "0123456789"))
    return false;
  while (is_label(text.substr(0, text.find('.')))) {
    if (text.find('.') == text.npos)
      return true;
    text.remove_prefix(text.find('.') + 1);
  }
  return false;
}

/// Returns why `address` is no host:port with a port from `least_port` on; empty if it is.
std::string error_in(std::string_view address, std::uint64_t least_port) {
  const auto colon = address.rfind(':');
  if (colon == 0 || colon == address.npos || address.back() == ']')
    return "an address of a node is host:port";
  const auto host = host_of(address);
  if (host.front() != '[' && host.find(':') != host.npos)
    return "an IPv6 address stands in brackets, as in [::1]:7600";
  if (!read_numeric(host) && !is_host_name(host))
    return "the host is neither an IP address nor a name";
  const auto port = option_text::read_number(address.substr(colon + 1));
  if (!port || *port < least_port || *port > 65535)
    return "the port is a number from " + std::to_string(least_port) + " to 65535";
  return {};
}

bool is_loopback(std::string_view address) {
  const auto host = host_of(address);
  const auto numeric = read_numeric(host);
  return numeric ? numeric->is_loopback() : host == "localhost";
}

// -- the rules ------------------------------------------------------------------------

class node_checker {
public:
  explicit node_checker(const node_settings& node) : node_(node) {}

  void check_values() {
    need(node_.name.empty() || is_node_name(node_.name), "node.name",
         "must be 1 to 64 letters, digits, '-', '_' or '.', not \"" + node_.name + '"');
    if (!node_.listen.empty())
      refuse_address("node.listen", node_.listen, listen_error());
    for (const auto& each : node_.join)
      refuse_address("node.join", each, join_error(each));
    check_members();
    need(node_.suspicion > node_.heartbeat, "node.suspicion", "must be longer than node.heartbeat");
    need(node_.death > node_.suspicion, "node.death", "must be longer than node.suspicion");
    need(node_.stable >= node_.death, "node.stable", "must not be shorter than node.death");
  }

  void check_tls() {
    const std::pair<std::string, const std::string&> files[] = {
        {"node.certificate", node_.certificate},
        {"node.key", node_.key},
        {"node.authority", node_.authority}};
    const auto is_set = [](const auto& file) { return !file.second.empty(); };
    if (std::none_of(std::begin(files), std::end(files), is_set))
      return check_loopback();
    for (const auto& [option, path] : files) {
      need(!path.empty(), option,
           "is missing: node.certificate, node.key and node.authority go together");
      const auto error = path.empty() ? std::string{} : file_error(path);
      need(error.empty(), option, path + " cannot be read: " + error);
    }
  }

  void check_membership() {
    const auto& members = node_.members;
    need(node_.name.empty() || members.empty()
             || std::find(members.begin(), members.end(), node_.name) != members.end(),
         "node.members",
         "must hold node.name, \"" + node_.name + "\", not only "
             + option_text::show_texts(members));
    need(members.size() != 1 || node_.join.empty(), "node.members",
         "must hold the names of other nodes too: node.join has addresses of others");
  }

  std::vector<option_problem> take() { return std::move(found_); }

private:
  void need(bool holds, const std::string& name, const std::string& rule) {
    if (!holds)
      found_.push_back({name, rule});
  }

  void refuse_address(const std::string& name, const std::string& address,
                      const std::string& error) {
    need(error.empty(), name, '"' + address + "\": " + error);
  }

  [[nodiscard]] std::string listen_error() const {
    if (auto error = error_in(node_.listen, 0); !error.empty())
      return error;
    const auto host = read_numeric(host_of(node_.listen));
    if (!host)
      return "the host must be numeric, as in 10.0.0.1:7600 or [::1]:7600";
    return host->is_unspecified() ? "other nodes are told the address, so it must be an address "
                                    "that they can reach, not all of this machine"
                                  : std::string{};
  }

  [[nodiscard]] static std::string join_error(const std::string& address) {
    if (auto error = error_in(address, 1); !error.empty())
      return error;
    const auto host = read_numeric(host_of(address));
    return host && host->is_unspecified() ? "no node can be reached at it" : std::string{};
  }

  void check_members() {
    for (const auto& each : node_.members)
      need(is_node_name(each), "node.members",
           "must be names of 1 to 64 letters, digits, '-', '_' or '.', not \"" + each + '"');
    auto sorted = node_.members;
    std::sort(sorted.begin(), sorted.end());
    const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
    if (twice != sorted.end())
      need(false, "node.members", "names \"" + *twice + "\" twice");
  }

  // Malformed addresses have an error of their own.
  void check_loopback() {
    const std::string rule = " needs node.certificate, node.key and node.authority: without TLS "
                             "nodes talk over loopback only";
    if (!node_.listen.empty() && listen_error().empty())
      need(is_loopback(node_.listen), "node.listen", node_.listen + rule);
    const auto outside =
        std::find_if(node_.join.begin(), node_.join.end(), [](const std::string& each) {
          return join_error(each).empty() && !is_loopback(each);
        });
    if (outside != node_.join.end())
      need(false, "node.join", *outside + rule);
  }

  const node_settings& node_;
  std::vector<option_problem> found_;
};

// The options of a node that differ from their defaults.
std::vector<option_problem> options_without_effect(const config_values& values) {
  const config_values defaults;
  std::vector<option_problem> found;
  for (const auto& each : options_of(defaults))
    if (each.table() == "node" && each.show(values) != each.show(defaults))
      found.push_back({each.name, "has no effect without node.listen or node.join"});
  return found;
}

} // namespace

std::vector<option_problem> node_problems(const node_settings& node) {
  node_checker checker{node};
  checker.check_values();
  return checker.take();
}

std::vector<option_problem> node_problems_at_start(const config_values& values) {
  if (!values.node.is_on())
    return options_without_effect(values);
  node_checker checker{values.node};
  checker.check_tls();
  checker.check_membership();
  return checker.take();
}

} // namespace sake
