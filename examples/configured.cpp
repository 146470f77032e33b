// Options from code, a file and the command line, each over the one before.
#include <sake/sake.hpp>

#include <caf/actor.hpp> // the type that engine::workers returns

#include <chrono>
#include <cstddef>
#include <string>

int main(int argc, char** argv) {
  // The defaults of this program.
  // [options]
  sake::config options;
  options.with_reactors(1).with_workers(1).with_drain_deadline(std::chrono::seconds{5});

  // `--config sake.toml`, `--workers 4`, `--help`, `--print-config`; and one option of our own.
  const auto line = options.read_command_line(argc, argv, {"--greeting TEXT   what / answers"});
  if (!line)
    return line.report();
  // [/options]
  std::string greeting = "Hello!";
  for (std::size_t i = 0; i < line.rest.size(); ++i)
    if (line.rest[i].starts_with("--greeting="))
      greeting = line.rest[i].substr(line.rest[i].find('=') + 1);
    else if (line.rest[i] == "--greeting" && i + 1 < line.rest.size())
      greeting = line.rest[i + 1];

  sake::engine app{options};
  app.get("/", [greeting](sake::context& ctx) { ctx.string(200, greeting + "\n"); });

  // SIGHUP reloads the file, which may change their number while the program runs.
  app.get("/workers",
          [&app](sake::context& ctx) {
            ctx.string(200, std::to_string(app.workers().size()) + "\n");
          })
      .worker();

  return app.run();
}
