/* CRC-32C (Castagnoli), as in iSCSI, RFC 3720: finds damage, stops no attacker.
 */
#ifndef BT_BASE_CRC_H
#define BT_BASE_CRC_H

#include <stddef.h>
#include <stdint.h>

/* Of bytes after a part whose checksum is crc; 0 to start with. */
uint32_t crc32c(uint32_t crc, const void *bytes, size_t n);
/* The same without the processor's instruction for it. */
uint32_t crc32c_plain(uint32_t crc, const void *bytes, size_t n);

#endif
