// Options from the command line.
#include "../../../support/catch.hpp"
#include "../../../support/scratch_file.hpp"

#include <sake/runtime/config/command_line.hpp>
#include <sake/runtime/config/config.hpp>
#include <sake/runtime/config/options.hpp>
#include <sake/runtime/config/version.hpp>
#include <sake/runtime/config/wrap.hpp>

#include <chrono>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

using namespace sake;
using namespace sake::test;
using namespace std::chrono_literals;

using lines = std::vector<std::string>;

namespace {

command_line read(config& options, const lines& arguments, const lines& own = {}) {
  std::vector<const char*> pointers{"program"};
  for (const auto& each : arguments)
    pointers.push_back(each.c_str());
  return options.read_command_line(static_cast<int>(pointers.size()), pointers.data(), own);
}

// `text` with one blank in place of each run of blanks and line ends.
std::string words_of(const std::string& text) {
  std::istringstream in{text};
  std::string result;
  for (std::string word; in >> word;)
    result += word + ' ';
  return result;
}

} // namespace

TEST_CASE("the command line overrides the options of the code", "[config]") {
  auto options = config{}.with_reactors(1).with_workers(1).with_pool("images", {});
  const auto line =
      read(options, {"--reactors", "2", "--worker-max-queued=7", "--adaptive", "off",
                     "--worker-scheduling", "normal", "--limits.content-bytes", "2MiB",
                     "--deadlines.request=5s", "--pools.images.workers", "3"});
  CHECK(line);
  CHECK(line.errors == lines{});
  CHECK(line.rest == lines{});
  CHECK(options.reactors() == 2);
  CHECK(options.workers() == 1);
  CHECK(options.worker_max_queued() == 7);
  CHECK(!options.adaptive().enabled);
  CHECK(options.worker_scheduling() == scheduling::normal);
  CHECK(options.limits().content_bytes == 2 * 1024 * 1024);
  CHECK(options.deadlines().request == 5s);
  CHECK(options.pools().at(0).settings.workers == 3);
  CHECK(options.origin() == "command-line");
}

TEST_CASE("the command line sets every option of a node", "[config][nodes]") {
  config options;
  CHECK(read(options, {"--node.name",
                       "a",
                       "--node.listen",
                       "10.0.0.1:7600",
                       "--node.join",
                       "10.0.0.2:7600,[::1]:7601",
                       "--node.role=front",
                       "--node.certificate",
                       "a.crt",
                       "--node.key",
                       "a.key",
                       "--node.authority",
                       "ca.crt",
                       "--node.members=a,b",
                       "--node.heartbeat",
                       "1s",
                       "--node.suspicion",
                       "2s",
                       "--node.death",
                       "3s",
                       "--node.stable",
                       "4s",
                       "--node.credit",
                       "5"})
            .errors
        == lines{});
  const auto& node = options.node();
  CHECK(node.name == "a");
  CHECK(node.listen == "10.0.0.1:7600");
  CHECK(node.join == lines{"10.0.0.2:7600", "[::1]:7601"});
  CHECK(node.role == node_role::front);
  CHECK(node.certificate == "a.crt");
  CHECK(node.key == "a.key");
  CHECK(node.authority == "ca.crt");
  CHECK(node.members == lines{"a", "b"});
  CHECK(node.heartbeat == 1s);
  CHECK(node.suspicion == 2s);
  CHECK(node.death == 3s);
  CHECK(node.stable == 4s);
  CHECK(node.credit == 5);
  CHECK(read(options, {"--node.join", "a,"}).errors
        == lines{"command line: --node.join wants a list such as a or a,b, not "
                 "\"a,\""});
  CHECK(read(options, {"--node.listen", "[::]:1", "--node.death", "1ms"}).errors.size() == 2);
}

TEST_CASE("the command line overrides the file that it names, in any position", "[config]") {
  const scratch_file file{"reactors = 2\nworkers = 2\n[pools.mail]\nworkers = 2\n"};
  auto options = config{}.with_reactors(9).with_workers(9).with_max_connections(9);
  CHECK(read(options, {"--workers", "3", "--pools.mail.workers", "4", "--config", file.path()}));
  CHECK(options.reactors() == 2);
  CHECK(options.workers() == 3);
  CHECK(options.max_connections() == 9);
  CHECK(options.pools().at(0).settings.workers == 4);
  CHECK(options.origin() == file.path() + "+command-line");
}

TEST_CASE("of a repeated option the last one counts", "[config]") {
  config options;
  CHECK(read(options, {"--reactors", "2", "--reactors", "3"}));
  CHECK(options.reactors() == 3);
}

TEST_CASE("unknown arguments are left to the program, in their order", "[config]") {
  config options;
  const auto line = read(options,
                         {"first", "--reactors", "2", "--port", "80", "-v", "--name=x", "-", "-3",
                          "--", "--workers", "7"},
                         {"--port N   where to listen", "-v", "--name"});
  CHECK(line);
  CHECK(line.rest == lines{"first", "--port", "80", "-v", "--name=x", "-", "-3", "--workers", "7"});
  CHECK(options.reactors() == 2);
  CHECK(options.to_toml() == config{}.with_reactors(2).to_toml());
}

TEST_CASE("an empty command line changes nothing", "[config]") {
  config options;
  CHECK(read(options, {}));
  CHECK(options.origin() == "code");
  CHECK(options.read_command_line(0, nullptr));
}

TEST_CASE("all errors of a command line and its file are reported at once", "[config]") {
  const scratch_file file{"reactor = 2\n"};
  config options;
  const auto line = read(options,
                         {"--config", file.path(), "--workers", "two", "--worker", "5",
                          "--max-connections", "0", "--prot", "80", "-x"},
                         {"--port N"});
  CHECK(!line);
  CHECK(line.errors
        == lines{
            file.path() + R"(:1:1: unknown option "reactor"; did you mean "reactors"?)",
            R"(command line: unknown option "--worker"; did you mean "--workers"?)",
            R"(command line: unknown option "--prot"; did you mean "--port"?)",
            R"(command line: unknown option "-x")",
            R"(command line: --workers wants a whole number, not "two")",
            R"(command line: --max-connections must be at least 1, not 0)",
        });
  CHECK(options.to_toml() == config{}.to_toml());
  CHECK(options.origin() == "code");
}

TEST_CASE("a wrong boolean is reported with the permitted words", "[config]") {
  config options;
  CHECK(read(options, {"--adaptive", "no", "--keep-alive=1"}).errors
        == lines{R"(command line: --adaptive wants on, off, true or false, not "no")",
                 R"(command line: --keep-alive wants on, off, true or false, not "1")"});
  CHECK(options.to_toml() == config{}.to_toml());
  CHECK(read(options, {"--adaptive", "false", "--reactor-pinning", "true"}));
  CHECK_FALSE(options.adaptive().enabled);
  CHECK(options.reactor_pinning());
}

TEST_CASE("an option without its value is reported", "[config]") {
  config options;
  CHECK(read(options, {"--workers", "two", "--reactors"}).errors.size() == 2);
  CHECK(read(options, {"--config"}).errors == lines{"command line: --config wants a value"});
  CHECK(options.to_toml() == config{}.to_toml());
}

TEST_CASE("an option of the program without its value is reported", "[config]") {
  const lines own{"--token TEXT   the secret", "-t TEXT", "--fast   without a value", "--name"};
  config options;
  const lines error{"command line: --token wants a value"};
  CHECK(read(options, {"--workers", "2", "--token"}, own).errors == error);
  CHECK(read(options, {"--token", "--workers", "2"}, own).errors == error);
  CHECK(read(options, {"--token", "--fast"}, own).errors == error);
  CHECK(read(options, {"--token", "--", "text"}, own).errors == error);
  CHECK(read(options, {"-t"}, own).errors == lines{"command line: -t wants a value"});
  CHECK(options.to_toml() == config{}.to_toml());
  // The last may have a value, but is not named with one.
  for (const auto& good :
       {lines{"--token", "x"}, lines{"--token="}, lines{"--token=-x"}, lines{"--token", "-"},
        lines{"-t", "-3"}, lines{"--fast"}, lines{"--name"}}) {
    const auto line = read(options, good, own);
    CHECK(line.errors == lines{});
    CHECK(line.rest == good);
  }
}

TEST_CASE("an option of the program that may be misread is refused", "[config]") {
  const auto* const own = GENERATE("--verbose print more", "verbose", "", "-", "--port N where");
  config options;
  CHECK_THROWS_AS(read(options, {}, {own}), std::invalid_argument);
}

TEST_CASE("--help lists every option with its default, and changes nothing", "[config]") {
  const auto before = config{}.with_reactors(17).with_pool("images", {});
  auto options = before;
  const auto line = read(options, {"--reactors", "3", "--help"}, {"--port N   where to listen"});
  CHECK(!line);
  CHECK(line.errors == lines{});
  for (const auto& each : options_of(before.values())) {
    CAPTURE(each.name, line.text);
    CHECK(line.text.find(each.flag() + ' ') != std::string::npos);
    CHECK(words_of(line.text).find(words_of(std::string{each.help})) != std::string::npos);
  }
  CHECK(line.text.find("--reactors N=17") != std::string::npos);
  CHECK(line.text.find("  --port N   where to listen\n") != std::string::npos);
  for (const auto& each : {"--help", "--version", "--config FILE", "--print-config"})
    CHECK(line.text.find(std::string{"\n  "} + each + "  ") != std::string::npos);
  CHECK(options.to_toml() == before.to_toml());
}

TEST_CASE("--help fits a terminal of 80 columns", "[config]") {
  auto options = config{}.with_pool("images", {});
  std::istringstream text{read(options, {"--help"}).text};
  for (std::string line; std::getline(text, line);) {
    CAPTURE(line);
    CHECK(line.size() <= 80);
  }
}

TEST_CASE("--version prints the version if the program has no such option", "[config]") {
  config options;
  const auto line = read(options, {"--version"});
  CHECK(!line);
  CHECK(line.errors == lines{});
  CHECK(line.text == "sake " + std::string{version()} + '\n');
  const auto own = read(options, {"--version"}, {"--version   of this program"});
  CHECK(own);
  CHECK(own.rest == lines{"--version"});
}

TEST_CASE("text is broken at blanks before it exceeds 80 columns", "[config]") {
  const std::string ten = "123456789";
  std::string line = ten;
  for (int i = 0; i < 6; ++i)
    line += ' ' + ten;
  CHECK(wrap("", 0, 2).empty());
  CHECK(wrap(line, 0, 2) == line);
  CHECK(wrap(line + " 1234567890", 0, 2) == line + " 1234567890");
  CHECK(wrap(line + " 12345678901", 0, 2) == line + "\n  12345678901");
  CHECK(wrap(line + " 1234567890", 1, 2) == line + "\n  1234567890");
  CHECK(wrap("a " + std::string(90, 'x') + " b", 0, 1) == "a\n " + std::string(90, 'x') + "\n b");
}

TEST_CASE("--print-config prints the effective configuration as a file", "[config]") {
  const scratch_file file{"reactors = 2\nworkers = 2\n"};
  config options;
  const auto line = read(options, {"--config", file.path(), "--workers", "3", "--print-config"});
  CHECK(!line);
  CHECK(line.text == config{}.with_reactors(2).with_workers(3).to_toml());
}
