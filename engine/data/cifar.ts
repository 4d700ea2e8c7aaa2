/** What CIFAR-10 and CIFAR-100 have in common as datasets. */
import { publishedCifar } from './cifar-c.ts';
import { type CifarForm, cifarShape, readCifar } from './cifar-files.ts';
import type { Dataset } from './dataset.ts';
import { type DataFile, inFiles } from './files.ts';

interface CifarAbout extends Pick<Dataset, 'name' | 'images' | 'hint'> {
  label: 'CIFAR-10' | 'CIFAR-100';
  form: CifarForm;
  files(folder: string): DataFile[];
}

export function cifarDataset({ name, label, images, hint, form, files }: CifarAbout): Dataset {
  return {
    ...{ name, label, images, hint },
    shape: cifarShape,
    classes: form.classes,
    augmentation: { padding: 4 },
    normalisation: { mean: [0.4914, 0.4822, 0.4465], deviation: [0.2471, 0.2435, 0.2616] },
    ...inFiles(files, hint),
    read: (folder, part, positions) => readCifar(files(folder), part, positions, form, hint(folder)),
    published: (folder, cell, positions) => publishedCifar(`${label}-C`, folder, cell, positions),
  };
}
