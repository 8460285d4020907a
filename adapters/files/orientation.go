package files

import (
	"bytes"
	"encoding/binary"
)

// orientation is how a camera was held, as EXIF numbers it: 1 upright, 2 to 8 mirrored or turned.
type orientation int

// turned reports whether width and height change places.
func (o orientation) turned() bool { return o >= 5 && o <= 8 }

// orientationOf reads the orientation from the head of a JPEG; 1 for whatever does not say.
func orientationOf(head []byte) orientation {
	if len(head) < 4 || head[0] != 0xff || head[1] != 0xd8 {
		return 1
	}
	for rest := head[2:]; len(rest) >= 4 && rest[0] == 0xff; {
		marker, size := rest[1], int(binary.BigEndian.Uint16(rest[2:]))
		if marker == 0xda || size < 2 || len(rest) < 2+size { // the picture itself begins
			return 1
		}
		segment := rest[4 : 2+size]
		if tiff, ok := bytes.CutPrefix(segment, []byte("Exif\x00\x00")); ok && marker == 0xe1 {
			return orientationIn(tiff)
		}
		rest = rest[2+size:]
	}
	return 1
}

// orientationIn reads tag 0x0112 of the first directory of a TIFF (TIFF 6.0, section 2).
func orientationIn(tiff []byte) orientation {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	if tiff[0] == 'M' {
		order = binary.BigEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	directory := tiff[at+2:]
	for n := order.Uint16(tiff[at:]); n > 0 && len(directory) >= 12; n-- {
		if order.Uint16(directory) == 0x0112 {
			if o := order.Uint16(directory[8:]); o >= 1 && o <= 8 {
				return orientation(o)
			}
			return 1
		}
		directory = directory[12:]
	}
	return 1
}
