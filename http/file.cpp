#include "file.hpp"

#include <unistd.h>

namespace sake::http {

file::~file() {
  ::close(descriptor_);
}

} // namespace sake::http
