// The lines that a server logs, and their loss when they are not read.
#include "../support/catch.hpp"
#include "../support/client.hpp"
#include "../support/scratch_file.hpp"
#include "../support/server.hpp"
#include "../support/server_process.hpp"
#include "../support/times_in.hpp"

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>

using namespace sake::test;
using Catch::Matchers::ContainsSubstring;

namespace fs = std::filesystem;

namespace {

struct options_file {
  scratch_file file;
};

/// A server with options from a file.
class logging_server : private options_file, public server_process {
public:
  explicit logging_server(const std::string& options, const std::vector<std::string>& wrapper = {})
      : options_file{scratch_file{options}},
        server_process("configured", "127.0.0.1:0", wrapper, file.path()) {}
};

std::string read_file(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream{path}.rdbuf();
  return text.str();
}

/// The sum of all `count=` facts in lines that report omitted lines.
int left_out(const std::string& text, const std::string& what) {
  int sum = 0;
  const std::regex line{what + "; count=([0-9]+)"};
  for (std::sregex_iterator at{text.begin(), text.end(), line}, end; at != end; ++at)
    sum += std::stoi((*at)[1]);
  return sum;
}

} // namespace

// -- lines --------------------------------------------------------------------------------

TEST_CASE("a failure is one line that names method, route, peer and request", "[e2e]") {
  logging_server program{""};
  client peer{program.await_banner()};
  CHECK(peer.ask(to_send("GET", "/fail?why=told+so", "X-Request-Id: abc-1\r\n")).status == 500);
  CHECK(peer.ask(get("/fail?why=again")).status == 500);
  program.signal(SIGTERM);
  CHECK(program.wait() == 0);
  const std::regex line{
      "[-0-9]+T[:0-9]+\\.[0-9]{3}Z error handler failed; error=\"told so\" status=500 method=GET "
      "route=\"GET /fail\" peer=127\\.0\\.0\\.1:[0-9]+ request_id=abc-1\n"};
  CHECK(std::regex_search(program.errors(), line));
  const std::regex own_id{"error=again .* request_id=[0-9]+-2\n"};
  CHECK(std::regex_search(program.errors(), own_id));
  CHECK(times_in(program.errors(), "\n") == 3); // two failures, and the end
}

TEST_CASE("the line of an expired deadline names its route", "[e2e]") {
  logging_server program{"[deadlines]\nrequest = \"20ms\"\n"};
  client peer{program.await_banner()};
  CHECK(peer.ask(get("/held")).status == 504);
  program.signal(SIGTERM);
  CHECK(program.wait() == 0);
  CHECK_THAT(program.errors(),
             ContainsSubstring("warning request deadline passed; status=504 method=GET "
                               "route=\"GET /held\" peer=127.0.0.1:"));
  CHECK(times_in(program.errors(), "\n") == 2);
}

TEST_CASE("the line of a refusal names its request, as far as it is known", "[e2e]") {
  logging_server program{""};
  const auto port = program.await_banner();
  CHECK(client{port}
            .ask(to_send("POST", "/", "X-Request-Id: large\r\nContent-Length: 2000000\r\n"))
            .status
        == 413);
  CHECK(client{port}.ask("GET / HTTP/1.1\r\n\r\n").status == 400);
  program.signal(SIGTERM);
  CHECK(program.wait() == 0);
  const std::regex known{"info refused request; reason=\"[^\"]+\" method=POST route=\"POST /\" "
                         "peer=127\\.0\\.0\\.1:[0-9]+ request_id=large status=413 closed=yes\n"};
  CHECK(std::regex_search(program.errors(), known));
  const std::regex unknown{"info refused request; reason=\"[^\"]+\" peer=127\\.0\\.0\\.1:[0-9]+ "
                           "status=400 closed=yes\n"};
  CHECK(std::regex_search(program.errors(), unknown));
}

TEST_CASE("the text of an exception cannot forge a line", "[e2e]") {
  logging_server program{""};
  client peer{program.await_banner()};
  CHECK(peer.ask(get("/fail?why=%0D%0A2026%20error%20forged%1B%5B2J")).status == 500);
  program.signal(SIGTERM);
  CHECK(program.wait() == 0);
  CHECK_THAT(program.errors(),
             ContainsSubstring(R"(error="\r\n2026 error forged\x1b[2J" status=)"));
  CHECK(program.errors().find('\x1b') == std::string::npos);
  CHECK(program.errors().find('\r') == std::string::npos);
}

TEST_CASE("the last line reports the end of the server and its reason", "[e2e]") {
  const int number = GENERATE(SIGTERM, SIGINT);
  logging_server program{""};
  program.await_banner();
  program.signal(number);
  CHECK(program.wait() == 0);
  CHECK_THAT(program.errors(), ContainsSubstring("info sake has ended; address=127.0.0.1:"));
  CHECK_THAT(program.errors(), ContainsSubstring(number == SIGTERM ? " reason=SIGTERM drained=yes"
                                                                   : " reason=SIGINT drained=yes"));
}

TEST_CASE("a handler logs with the facts of its request", "[e2e]") {
  logging_server program{""};
  client peer{program.await_banner()};
  CHECK(peer.ask(get("/lines?count=1")).status == 204);
  program.await_error("info a line of the program; number=0 method=GET route=\"GET /lines\" peer=");
  program.signal(SIGTERM);
  CHECK(program.wait() == 0);
}

// -- options ------------------------------------------------------------------------------

TEST_CASE("the log is JSON if configured", "[e2e]") {
  logging_server program{"[log]\nformat = \"json\"\n"};
  client peer{program.await_banner()};
  CHECK(peer.ask(get("/fail?why=%22quoted%22%0A")).status == 500);
  program.signal(SIGTERM);
  CHECK(program.wait() == 0);
  CHECK_THAT(program.errors(),
             ContainsSubstring(R"("level":"error","message":"handler failed",)"
                               R"("error":"\"quoted\"\n","status":500,"method":"GET",)"));
}

TEST_CASE("lines below the level are omitted, and SIGHUP may change the level", "[e2e]") {
  scratch_file file{"[log]\nlevel = \"error\"\n"};
  server_process program{"configured", "127.0.0.1:0", {}, file.path()};
  client peer{program.await_banner()};
  CHECK(peer.ask(get("/lines?count=1")).status == 204);
  CHECK(peer.ask(get("/fail?why=it")).status == 500);
  program.await_error("handler failed");
  CHECK(program.errors().find("a line of the program") == std::string::npos);
  std::ofstream{file.path()} << "[log]\nlevel = \"info\"\n";
  program.signal(SIGHUP);
  program.await_error("applied=log.level");
  CHECK(peer.ask(get("/lines?count=1")).status == 204);
  program.await_error("a line of the program");
  program.signal(SIGTERM);
  CHECK(program.wait() == 0);
}

TEST_CASE("lines go to a file, and to a new one after SIGHUP", "[e2e]") {
  const scratch_file log{""};
  logging_server program{"[log]\nsink = \"" + log.path() + "\"\n"};
  client peer{program.await_banner()};
  CHECK(peer.ask(get("/fail?why=first")).status == 500);
  wait_until([&] { return read_file(log.path()).find("error=first") != std::string::npos; });
  const auto rotated = log.path() + ".1";
  fs::rename(log.path(), rotated);
  program.signal(SIGHUP);
  wait_until([&] { return fs::exists(log.path()); });
  CHECK(peer.ask(get("/fail?why=second")).status == 500);
  program.signal(SIGTERM);
  CHECK(program.wait() == 0);
  CHECK(read_file(log.path()).find("error=second") != std::string::npos);
  CHECK(read_file(log.path()).find("error=first") == std::string::npos);
  CHECK(read_file(rotated).find("error=second") == std::string::npos);
  CHECK(program.errors().empty());
  fs::remove(rotated);
}

TEST_CASE("a log that cannot be opened is reported at the start", "[e2e]") {
  logging_server program{"[log]\nsink = \"/no/such/folder/log\"\n"};
  CHECK(program.wait() == 1);
  CHECK_THAT(program.errors(), ContainsSubstring("cannot write the log to /no/such/folder/log: "
                                                 "No such file or directory"));
}

// -- readers that stall or leave ------------------------------------------------------------

TEST_CASE("every line of a flood is written or counted", "[e2e]") {
  constexpr int lines = 20'000;
  logging_server program{""};
  client peer{program.await_banner()};
  CHECK(peer.ask(get("/lines?count=" + std::to_string(lines))).status == 204);
  program.signal(SIGTERM);
  CHECK(program.wait() == 0);
  const auto& text = program.errors();
  const auto written = times_in(text, "a line of the program");
  CHECK(written + left_out(text, "log lines were left out") == lines);
  CHECK(written > 1000);
}

TEST_CASE("a repeated failure is counted", "[e2e]") {
  constexpr int failures = 300;
  logging_server program{""};
  client peer{program.await_banner()};
  for (int i = 0; i < failures; ++i)
    REQUIRE(peer.ask(get("/fail?why=again")).status == 500);
  program.signal(SIGTERM);
  CHECK(program.wait() == 0);
  const auto& text = program.errors();
  const auto written = times_in(text, "handler failed; error=again");
  CHECK(written < failures);
  CHECK(written + left_out(text, "lines of one kind were left out") == failures);
}

TEST_CASE("a log reader that leaves loses lines and does not end the server", "[e2e]") {
  logging_server program{""};
  client peer{program.await_banner()};
  program.close_errors();
  for (int i = 0; i < 5; ++i) {
    CHECK(peer.ask(get("/lines?count=1000")).status == 204);
    CHECK(peer.ask(get("/fail?why=unheard")).status == 500);
  }
  program.signal(SIGTERM);
  CHECK(program.wait() == 0);
}

TEST_CASE("a log reader that stalls does not delay the end", "[e2e]") {
  logging_server program{""};
  client peer{program.await_banner()};
  // More than a pipe can hold.
  for (int i = 0; i < 20; ++i)
    CHECK(peer.ask(get("/lines?count=1000")).status == 204);
  program.signal(SIGTERM);
  CHECK(program.wait_unheard() == 0);
}

TEST_CASE("a log file that cannot grow loses lines and does not end the server", "[e2e]") {
  const scratch_file log{""};
  // A program built for coverage writes files at its end, for which the limit holds as well: they
  // go nowhere.
  logging_server program{"[log]\nsink = \"" + log.path() + "\"\n",
                         {"env", "GCOV_PREFIX=/dev/null", "prlimit", "--fsize=4096"}};
  client peer{program.await_banner()};
  for (int i = 0; i < 5; ++i)
    CHECK(peer.ask(get("/lines?count=100")).status == 204);
  program.signal(SIGTERM);
  CHECK(program.wait() == 0);
  CHECK(fs::file_size(log.path()) <= 4096);
}
