/** Where the official archives of datasets lie, and what is in them. */

/**
 * @typedef {object} Source
 * @property {string} url
 * @property {string} file the archive's name
 * @property {string} md5 of the archive
 * @property {string} folder that it unpacks to
 * @property {string} done a file or folder within, which is there once it is unpacked
 */

const zenodo = (record, file) => `https://zenodo.org/records/${record}/files/${file}?download=1`;
const toronto = (file) => `https://www.cs.toronto.edu/~kriz/${file}`;

/** @type {Record<string, Source>} */
export const sources = {
  cifar10: {
    url: toronto('cifar-10-binary.tar.gz'),
    file: 'cifar-10-binary.tar.gz',
    md5: 'c32a1d4ab5d03f1284b67883e8d87530',
    folder: 'cifar-10-batches-bin',
    done: 'test_batch.bin',
  },
  cifar100: {
    url: toronto('cifar-100-binary.tar.gz'),
    file: 'cifar-100-binary.tar.gz',
    md5: '03b5dce01913d631647c71ecec9e9cb8',
    folder: 'cifar-100-binary',
    done: 'test.bin',
  },
  'tiny-imagenet': {
    url: 'http://cs231n.stanford.edu/tiny-imagenet-200.zip',
    file: 'tiny-imagenet-200.zip',
    md5: '90528d7ca1a48142e341f4ef8d21d0de',
    folder: 'tiny-imagenet-200',
    done: 'val/val_annotations.txt',
  },
  'cifar10-c': {
    url: zenodo(2535967, 'CIFAR-10-C.tar'),
    file: 'CIFAR-10-C.tar',
    md5: '56bf5dcef84df0e2308c6dcbcbbd8499',
    folder: 'CIFAR-10-C',
    done: 'labels.npy',
  },
  'cifar100-c': {
    url: zenodo(3555552, 'CIFAR-100-C.tar'),
    file: 'CIFAR-100-C.tar',
    md5: '11f0ed0f1191edbf9fa23466ae6021d3',
    folder: 'CIFAR-100-C',
    done: 'labels.npy',
  },
  'tiny-imagenet-c': {
    url: zenodo(2536630, 'Tiny-ImageNet-C.tar'),
    file: 'Tiny-ImageNet-C.tar',
    md5: 'f9c9a9dbdc11469f0b850190f7ad8be1',
    folder: 'Tiny-ImageNet-C',
    done: 'fog',
  },
};
