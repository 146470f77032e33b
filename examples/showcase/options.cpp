#include "options.hpp"

#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace showcase {

const char* const usage = R"(usage: sake-showcase [option]…

  --port N           listen on port N (8080); 0: one that is free
  --host H           listen on this name or address (127.0.0.1)
  --reactors N       threads that serve connections (1); 0: one per core
  --workers N        threads for CPU work (0: one per core)
  --no-worker-pool   run .worker() routes on the reactors
  --help, --version  print this, or the version of Sake, and end

With one reactor the comparison on the page shows the same on every machine.
)";

namespace {

/// The command line, one option at a time.
class reader {
public:
  reader(int argc, const char* const* argv) : at_(argv + 1), end_(argv + argc) {}

  /// Goes to the next option; false at the end.
  bool next() {
    if (at_ == end_)
      return false;
    const std::string_view text = *at_++;
    const auto equals = text.starts_with("--") ? text.find('=') : text.npos;
    name_ = text.substr(0, equals);
    value_.reset();
    if (equals != text.npos)
      value_ = text.substr(equals + 1);
    return true;
  }

  [[nodiscard]] const std::string& name() const { return name_; }

  void expect_no_value() const {
    if (value_)
      throw usage_error(name_ + " takes no value");
  }

  std::string value() {
    if (!value_ && at_ != end_)
      value_ = *at_++;
    if (!value_ || value_->empty())
      throw usage_error(name_ + " wants a value");
    return *value_;
  }

  std::size_t number(std::size_t most) {
    const std::string text = value();
    std::size_t n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (error != std::errc{} || end != text.data() + text.size() || n > most)
      throw usage_error(name_ + " wants a number from 0 to " + std::to_string(most) + ", not \""
                        + text + "\"");
    return n;
  }

private:
  const char* const* at_;
  const char* const* end_;
  std::string name_;
  std::optional<std::string> value_;
};

std::string join(std::string host, std::size_t port) {
  const bool is_bare_v6 = host.find(':') != host.npos && !host.starts_with('[');
  return (is_bare_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

} // namespace

options parse_options(int argc, const char* const* argv) {
  constexpr std::size_t max_ports = 65'535;
  constexpr std::size_t max_threads = 1024;

  options chosen;
  chosen.config.with_reactors(1);
  std::string host = "127.0.0.1";
  std::size_t port = 8080;
  for (reader line{argc, argv}; line.next();) {
    if (line.name() == "--port")
      port = line.number(max_ports);
    else if (line.name() == "--host")
      host = line.value();
    else if (line.name() == "--reactors")
      chosen.config.with_reactors(line.number(max_threads));
    else if (line.name() == "--workers")
      chosen.config.with_workers(line.number(max_threads));
    else if (line.name() == "--no-worker-pool")
      line.expect_no_value(), chosen.config.with_worker_pool(false);
    else if (line.name() == "--help")
      line.expect_no_value(), chosen.wants_help = true;
    else if (line.name() == "--version")
      line.expect_no_value(), chosen.wants_version = true;
    else
      throw usage_error("there is no option " + line.name());
  }
  chosen.config.with_address(join(host, port));
  if (const auto errors = chosen.config.check(); !errors.empty())
    throw usage_error(errors.front());
  return chosen;
}

} // namespace showcase
