#include "config.hpp"

#include "command_line.hpp"
#include "command_line_reader.hpp"
#include "config_check.hpp"
#include "config_file.hpp"
#include "config_source.hpp"

namespace sake {

config& config::with_pool(std::string name, const pool_settings& settings) {
  values_.set_pool(std::move(name), settings);
  return *this;
}

std::vector<std::string> config::check() const {
  return errors_of(values_);
}

std::vector<std::string> config::read_file(const std::string& path) {
  return config_source::add_file(path, values_);
}

command_line config::read_command_line(int argc, const char* const* argv,
                                       const std::vector<std::string>& own) {
  return sake::read_command_line(argc, argv, own, values_);
}

std::string config::to_toml() const {
  return sake::to_toml(values_);
}

std::string config::origin() const {
  return config_source::origin_of(values_);
}

} // namespace sake
